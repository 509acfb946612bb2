import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { runClosedLoop, runOpenLoop } from "./pace.js";

const never = new AbortController().signal;

suite("runOpenLoop()", { timeout: 30_000 }, () => {
  test("makes up for moments that it missed, and tells them", async () => {
    const startMs = performance.now();
    const intended: number[] = [];
    const late: number[] = [];
    await runOpenLoop({
      begin(intendedMs = 0) {
        intended.push(intendedMs - startMs);
        late.push(performance.now() - intendedMs);
        if (intended.length === 20) {
          // Nothing of this process goes on meanwhile.
          const end = performance.now() + 500;
          while (performance.now() < end);
        }
        return Promise.resolve();
      },
      rate: 100,
      calls: Number.POSITIVE_INFINITY,
      startMs,
      // Half of the moments pass while the process is busy.
      endMs: startMs + 700,
      stop: never,
    });
    assert.deepEqual(
      intended.map(Math.round),
      Array.from({ length: 70 }, (_, call) => call * 10),
    );
    assert.ok((late[20] ?? 0) >= 480, `${late[20]}`);
    assert.ok(late.every((ms) => ms >= 0));
  });

  test("waits for no call", async () => {
    let begun = 0;
    await runOpenLoop({
      begin() {
        begun++;
        return new Promise(() => {});
      },
      rate: 1_000,
      calls: 30,
      startMs: performance.now(),
      endMs: Number.POSITIVE_INFINITY,
      stop: never,
    });
    assert.equal(begun, 30);
  });
});

suite("runClosedLoop()", { timeout: 30_000 }, () => {
  test("has as many calls in flight as there are callers", async () => {
    let inFlight = 0;
    let most = 0;
    let begun = 0;
    await runClosedLoop({
      async begin() {
        begun++;
        most = Math.max(most, ++inFlight);
        await new Promise(setImmediate);
        inFlight--;
      },
      concurrency: 3,
      calls: 20,
      startMs: performance.now(),
      endMs: Number.POSITIVE_INFINITY,
      stop: never,
    });
    assert.deepEqual([begun, most, inFlight], [20, 3, 0]);
  });
});
