import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { ArmResult } from "./soak-arm.js";
import { judgeSoak } from "./soak-verdict.js";

const calls = 100_000;

/** A run of 20 samples whose heap grows by so many bytes per call. */
function createResult(
  bytesPerCall: number,
  changes: Partial<ArmResult> = {},
): ArmResult {
  const count = { started: calls, handled: calls, inFlight: 0 };
  return {
    samples: Array.from({ length: 20 }, (_, i) => {
      const made = ((i + 1) * calls) / 20;
      // Up and down, as heaps go.
      const noise = i % 2 === 0 ? 20_000 : -20_000;
      const heapBytes = 15_000_000 + made * bytesPerCall + noise;
      return { calls: made, heapBytes, rssBytes: 0, elapsedMs: 0 };
    }),
    surprises: {},
    counts: { server: count, client: count },
    ...changes,
  };
}

const bare = (bytesPerCall = 0) =>
  createResult(bytesPerCall, { counts: undefined });

suite("judgeSoak()", () => {
  test("passes a heap that stays as it is", () => {
    const { passed, findings } = judgeSoak(createResult(0), bare(), calls);
    assert.ok(passed);
    assert.deepEqual(findings, ["the heap does not grow"]);
  });

  test("fails a heap that grows with metrics alone", () => {
    const { passed, findings } = judgeSoak(createResult(20), bare(), calls);
    assert.ok(!passed);
    assert.match(findings.join(), /the heap grows by 20\.\d ± /);
  });

  test("passes a heap that grows as much without metrics", () => {
    const { passed, findings } = judgeSoak(createResult(20), bare(20), calls);
    assert.ok(passed);
    assert.match(findings.join(), /not more than without/);
  });

  test("fails a call that was not counted to its end", () => {
    const lost = { started: calls, handled: calls - 1, inFlight: 1 };
    const ok = { started: calls, handled: calls, inFlight: 0 };
    const counts = { server: lost, client: ok };
    const { findings } = judgeSoak(createResult(0, { counts }), bare(), calls);
    assert.deepEqual(findings, [
      "server: 100000 started, 99999 handled, 1 in flight",
    ]);
  });

  test("fails a client that has not counted every call", () => {
    const server = { started: calls - 3, handled: calls - 3, inFlight: 0 };
    const counts = { server, client: server };
    const { findings } = judgeSoak(createResult(0, { counts }), bare(), calls);
    assert.deepEqual(findings, ["client: 99997 of 100000 calls counted"]);
  });

  test("fails a call that ended otherwise than planned", () => {
    const surprises = { "unary grpc ok: Internal": 2 };
    const { findings } = judgeSoak(
      createResult(0, { surprises }),
      bare(),
      calls,
    );
    assert.deepEqual(findings, ["with metrics, 2 × unary grpc ok: Internal"]);
  });

  test("fails a run that was out of time", () => {
    const short = { ...bare(), samples: createResult(0).samples.slice(0, 8) };
    const { findings } = judgeSoak(createResult(0), short, calls);
    assert.deepEqual(findings, [
      "without metrics, 40000 of 100000 calls in time",
    ]);
  });
});
