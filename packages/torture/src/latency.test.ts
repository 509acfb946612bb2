import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import {
  onlyRevertName,
  reverse,
  startRevertName,
} from "./server-fixture.test.js";
import { torture } from "./torture.js";

/** Answers at once, but for one stall of all calls that come meanwhile. */
function createStall(stallMs: number, afterCalls: number) {
  let calls = 0;
  let stall: Promise<void> | undefined;
  return async (name: string) => {
    calls++;
    if (calls === afterCalls) {
      stall = delay(stallMs);
    }
    await stall;
    return reverse(name);
  };
}

suite("the latency of torture()", { timeout: 120_000 }, () => {
  test("shows a stall that a single caller would hardly notice", async (t) => {
    const url = await startRevertName(t, createStall(600, 100));
    const result = await torture({
      ...onlyRevertName(url),
      concurrency: 1,
      calls: 400,
      timeoutMs: 60_000,
    });
    const [method] = result.methods;
    assert.ok(method !== undefined);
    assert.equal(result.correction, "expected-interval");
    assert.equal(method.count, 400);
    const { latencyMs, serviceTimeMs } = method;
    assert.ok(serviceTimeMs.max >= 595, "the stall took place");
    // One call of 400 was slow, which is above the 99th percentile. It stands
    // for one call each interval: five of those are above it at most.
    const intervalMs = result.elapsedMs / 400;
    assert.ok(
      latencyMs.p99 >= 600 - 6 * intervalMs,
      `${latencyMs.p99}, a call each ${intervalMs} ms`,
    );
    assert.ok(
      latencyMs.p99 > serviceTimeMs.p99,
      `${latencyMs.p99} is corrected, ${serviceTimeMs.p99} is not`,
    );
  });

  test("shows a stall to calls that keep to a rate", async (t) => {
    const url = await startRevertName(t, createStall(600, 50));
    const result = await torture({
      ...onlyRevertName(url),
      rate: 100,
      calls: 200,
      timeoutMs: 60_000,
    });
    const [method] = result.methods;
    assert.ok(method !== undefined);
    assert.equal(result.correction, "intended-start");
    assert.equal(method.count, 200);
    assert.ok(method.latencyMs.p99 >= 500, `${method.latencyMs.p99}`);
  });

  test("measures from when a call should have begun", async (t) => {
    const url = await startRevertName(t, reverse);
    const spinning = setTimeout(() => {
      // Nothing of this process goes on meanwhile, so that calls begin late.
      const end = performance.now() + 1_000;
      while (performance.now() < end);
    }, 300);
    t.after(() => clearTimeout(spinning));
    const result = await torture({
      ...onlyRevertName(url),
      rate: 50,
      calls: 100,
      timeoutMs: 60_000,
    });
    const [method] = result.methods;
    assert.ok(method !== undefined);
    assert.equal(method.count, 100, "calls that were due are made up");
    const { latencyMs, serviceTimeMs } = method;
    // The 50 calls of that second were late by half of it on average.
    assert.ok(
      latencyMs.mean - serviceTimeMs.mean > 200,
      `${latencyMs.mean} from the intended start, ${serviceTimeMs.mean} from the real one`,
    );
  });
});
