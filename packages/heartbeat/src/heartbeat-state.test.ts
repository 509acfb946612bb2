import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { reckonState } from "./heartbeat-state.js";

suite("reckonState()", () => {
  const lastSeen = new Date("2026-01-02T03:04:05.678Z");
  const stateAfter = (silentMs: number, intervalMs = 10_000) =>
    reckonState(
      { lastSeen, intervalMs },
      new Date(lastSeen.getTime() + silentMs),
    );

  test("is alive until just before 2 intervals of silence", () => {
    assert.equal(stateAfter(0), "alive");
    assert.equal(stateAfter(19_999), "alive");
  });

  test("is late from 2 intervals to just before 4", () => {
    assert.equal(stateAfter(20_000), "late");
    assert.equal(stateAfter(39_999), "late");
  });

  test("is down from 4 intervals on", () => {
    assert.equal(stateAfter(40_000), "down");
    assert.equal(stateAfter(365 * 24 * 3_600_000), "down");
  });

  test("goes by the interval that the beat promised", () => {
    assert.equal(stateAfter(1_999, 1_000), "alive");
    assert.equal(stateAfter(2_000, 1_000), "late");
    assert.equal(stateAfter(7_199_999, 3_600_000), "alive");
    assert.equal(stateAfter(14_400_000, 3_600_000), "down");
  });

  test("takes a beat from the future for alive", () => {
    assert.equal(stateAfter(-1), "alive");
    assert.equal(stateAfter(-86_400_000), "alive");
  });
});
