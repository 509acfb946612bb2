import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { judgeOpenPages } from "./open-pages-run.js";

const mebibyte = 2 ** 20;

function measured(options: {
  watched?: number;
  failed?: number;
  growthBytes?: number;
  ended?: number;
}) {
  const { watched = 990, failed = 0, growthBytes = 0, ended = 0 } = options;
  const load = (perSecond: number) => ({
    perSecond,
    p50Ms: 8,
    p99Ms: 20,
    failed,
  });
  return {
    rounds: [{ alone: load(1_000), watched: load(watched) }],
    memory: Array.from(
      { length: 12 },
      (_, index) => 150 * mebibyte + index * growthBytes,
    ),
    before: 140 * mebibyte,
    after: 150 * mebibyte,
    ended,
    receivedBytes: mebibyte,
  };
}

suite("judgeOpenPages(measured)", () => {
  test("finds nothing wrong with pages that cost little", () => {
    assert.deepEqual(judgeOpenPages(measured({})), []);
  });

  test("finds a slower /proxy, memory that grows, and what broke off", () => {
    assert.deepEqual(
      judgeOpenPages(
        measured({
          watched: 800,
          failed: 1,
          growthBytes: 5 * mebibyte,
          ended: 3,
        }),
      ),
      [
        "2 calls of /proxy failed",
        "/proxy is 20.0 % slower",
        "memory grows: 20 MiB in the second half",
        "3 streams ended",
      ],
    );
  });
});
