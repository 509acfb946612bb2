import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { z } from "zod";
import { ConfigError, readConfig } from "./config.js";

const schema = z.object({
  TOKEN: z.string().optional(),
  KEY_FILE: z.string().optional(),
});

suite("readConfig() with NAME_FILE", () => {
  test("reads a variable from a file, without its line break", async (t) => {
    const file = await useFile(t, "from the file\n");
    assert.deepEqual(readConfig(schema, { TOKEN_FILE: file }), {
      TOKEN: "from the file",
    });
  });

  test("prefers what is set itself", async (t) => {
    const file = await useFile(t, "from the file");
    const env = { TOKEN: "set", TOKEN_FILE: file };
    assert.deepEqual(readConfig(schema, env), { TOKEN: "set" });
  });

  test("keeps a variable that is the name of a file", () => {
    const env = { KEY_FILE: "/no/such/key.pem" };
    assert.deepEqual(readConfig(schema, env), env);
  });

  test("refuses a file that is not there, by the variable", () => {
    assert.throws(
      () => readConfig(schema, { TOKEN_FILE: "/no/such/token" }),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        assert.match(String(error.mistakes), /^TOKEN_FILE: ENOENT/);
        return true;
      },
    );
  });
});

async function useFile(t: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "variable-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "value");
  await writeFile(file, text);
  return file;
}
