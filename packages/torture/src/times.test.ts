import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createTimes, mergeTimes } from "./times.js";

suite("mergeTimes()", () => {
  test("is the distribution of all times", () => {
    const parts = [createTimes(), createTimes(), createTimes()];
    const all: number[] = [];
    for (let i = 1; i <= 30_000; i++) {
      // From microseconds to minutes, so that the parts grow differently.
      const time = 1.0005 ** i / 1000;
      parts[i < 10_000 ? 0 : i < 20_000 ? 1 : 2]?.record(time);
      all.push(time);
    }
    const merged = mergeTimes(parts).percentiles();
    const right = (share: number) =>
      all[Math.ceil(share * all.length) - 1] ?? 0;
    for (const [got, want] of [
      [merged.p50, right(0.5)],
      [merged.p90, right(0.9)],
      [merged.p95, right(0.95)],
      [merged.p99, right(0.99)],
      [merged.p999, right(0.999)],
      [merged.max, right(1)],
    ] as const) {
      assert.ok(Math.abs(got - want) <= want * 0.002 + 0.001, `${got} ${want}`);
    }
  });

  test("adds the calls that a slow one kept from being made", () => {
    const times = createTimes();
    times.record(1);
    times.record(100);
    const { p50, max } = mergeTimes([times], 10).percentiles();
    // 1 and 100, and 90, 80 … 10 besides.
    assert.equal(Math.round(p50), 50);
    assert.equal(Math.round(max), 100);
  });

  test("of nothing is all zeros", () => {
    const { p50, p999, max, mean } = mergeTimes([]).percentiles();
    assert.deepEqual([p50, p999, max, mean], [0, 0, 0, 0]);
  });

  test("keeps times that are out of range at its ends", () => {
    const times = createTimes();
    times.record(-1);
    times.record(1e12);
    const { p50, max } = times.percentiles();
    assert.equal(p50, 0);
    assert.ok(max > 4_000_000);
  });
});
