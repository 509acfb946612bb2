import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { waitFor } from "@both-ends/testing";

suite("README.md", { timeout: 20_000 }, () => {
  test("shows one call on both ends", async (t) => {
    const port = await runExamples(t);
    await waitFor("both ends to be there", async () => {
      const res = await fetch(`http://localhost:${port}/metrics`);
      const text = await res.text();
      for (const side of ["server", "client"]) {
        assert.match(
          text,
          new RegExp(
            `^grpc_${side}_handled_total\\{.*grpc_method="RevertName",grpc_code="OK"\\} 1$`,
            "m",
          ),
        );
      }
      return true;
    });
  });
});

/** Runs the examples of the README as one program, on a free port. */
async function runExamples(t: TestContext): Promise<number> {
  const directory = fileURLToPath(new URL("..", import.meta.url));
  const readme = await readFile(`${directory}/README.md`, "utf8");
  const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(
    ([, code]) => code,
  );
  assert.equal(examples.length, 2);
  const port = await freePort();
  const code = examples
    .join("\n")
    .replaceAll("8080", String(port))
    .replace("./gen/", "@both-ends/gen/revertname/v1/");
  const program = spawn(process.execPath, ["--input-type=module"], {
    cwd: directory,
    stdio: ["pipe", "inherit", "inherit"],
  });
  t.after(() => program.kill("SIGKILL"));
  program.stdin.end(code);
  return port;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  server.close();
  await once(server, "close");
  return address.port;
}
