import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startProcess, waitFor } from "@both-ends/testing";
import { elapsedMs } from "./app.test.fixture.js";
import { connect2, request1, request2 } from "./clients.test.fixture.js";
import { resolveLimits } from "./limits.js";

const root = new URL("../", import.meta.url);

suite("README.md", () => {
  test("shows an example that runs, answers and closes", async (t) => {
    const example = new URL("dist/readme.test.fixture.js", root);
    const program = startProcess(
      t,
      process.execPath,
      [fileURLToPath(example)],
      { env: { ...process.env, PORT: "0", GRPC_PORT: "0" } },
    );
    const ports = await waitFor("both ports", () => {
      const output = program.stdout();
      const main = output.match(/listening at http:\/\/127\.0\.0\.1:(\d+)/);
      const alias = output.match(/"port":(\d+)/);
      return main && alias ? [Number(main[1]), Number(alias[1])] : undefined;
    });
    for (const port of ports) {
      const session = connect2(t, port);
      for (const [answer, version] of [
        [await request1(port, "/"), "1.1"],
        [await request2(session, "/"), "2.0"],
      ] as const) {
        assert.deepEqual(JSON.parse(answer.body.toString()), { version });
      }
    }
    program.child.kill("SIGTERM");
    await elapsedMs(program.ended);
    assert.equal(await program.ended, 0);
  });

  test("holds that example word for word", async () => {
    const example = new URL("src/readme.test.fixture.ts", root);
    const readme = await readFile(new URL("README.md", root), "utf8");
    const [, code] = readme.match(/```ts\n(.*?)```/s) ?? [];
    assert.equal(code, await readFile(example, "utf8"));
  });

  test("names each option with its default", async () => {
    const readme = await readFile(new URL("README.md", root), "utf8");
    for (const [name, value] of Object.entries(resolveLimits({}))) {
      const shown =
        name === "maxConnections" ? "none" : value.toLocaleString("en-US");
      assert.ok(
        readme.includes(`| \`${name}\` | ${shown} |`),
        `${name} is ${shown}`,
      );
    }
  });
});
