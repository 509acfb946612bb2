import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { executeRun } from "./execute-run.js";

const options = { seed: 1, scale: 0.001, parts: ["hpack-bombs"] };

suite("executeRun()", { timeout: 60_000 }, () => {
  test("kills a run that takes too long, and says so", async () => {
    const run = { name: "attacks", timeLimitMs: 1 };
    assert.deepEqual(await executeRun(run, options), {
      text: "verdict: FAIL: attacks ended by SIGKILL; its limit is 0.001 s\n",
      passed: false,
    });
  });

  test("fails a run that throws", async () => {
    const { passed, text } = await executeRun(
      { name: "none", timeLimitMs: 30_000 },
      options,
    );
    assert.equal(passed, false);
    assert.match(text, /^verdict: FAIL: none ended with exit code 1/);
  });
});
