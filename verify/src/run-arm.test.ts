import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { runArmProcess } from "./run-arm.js";

const options = {
  seed: 1,
  unary: 100,
  streams: 100,
  samples: 2,
  limitMs: 60_000,
};

suite("runArmProcess()", { timeout: 120_000 }, () => {
  for (const lane of [false, true]) {
    test(`counts every call on both ends, fast lane ${lane ? "on" : "off"}`, async () => {
      const result = await runArmProcess(
        { ...options, metrics: true, lane },
        90_000,
        () => {},
      );
      assert.deepEqual(result.surprises, {});
      assert.deepEqual(
        result.samples.map(({ calls }) => calls),
        [100, 200],
      );
      const { server, client } = result.counts ?? {};
      assert.deepEqual(client, { started: 200, handled: 200, inFlight: 0 });
      assert.equal(server?.started, server?.handled);
      assert.equal(server?.inFlight, 0);
    });
  }

  test("makes the same calls with nothing on the ends", async () => {
    const result = await runArmProcess(
      { ...options, metrics: false, lane: false },
      90_000,
      () => {},
    );
    assert.deepEqual(result.surprises, {});
    assert.equal(result.samples.at(-1)?.calls, 200);
    assert.equal(result.counts, undefined);
  });

  test("kills a process that takes too long", async () => {
    await assert.rejects(
      runArmProcess({ ...options, metrics: false, lane: false }, 1, () => {}),
      { message: "the soak's process ended by SIGKILL" },
    );
  });
});
