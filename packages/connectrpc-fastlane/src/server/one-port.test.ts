import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "@both-ends/testing";

const folder = new URL(".", import.meta.resolve("fastify-one-port"));

suite("the tests of fastify-one-port", { timeout: 180_000 }, () => {
  test("pass where the lane speaks HTTP/2 in Node's place", async () => {
    const files = (await readdir(folder))
      .filter((name) => name.endsWith(".test.js"))
      .map((name) => fileURLToPath(new URL(name, folder)));
    const intercept = new URL("empty-lane-fixture.test.js", import.meta.url);
    const { code, stdout } = await run(
      process.execPath,
      ["--test", "--test-reporter=tap", ...files],
      {
        timeoutMs: 170_000,
        env: {
          ...process.env,
          ONE_PORT_INTERCEPT: intercept.href,
          // Else the runner takes itself for a part of this one.
          NODE_TEST_CONTEXT: undefined,
        },
      },
    );
    const failed = stdout
      .split("\n")
      .filter((line) => /^ *not ok .*(?<!# SKIP.*)$/.test(line));
    assert.equal(code, 0, failed.join("\n"));
    assert.match(stdout, /^# pass \d{2,}$/m);
  });
});
