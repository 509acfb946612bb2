import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { readCpuMs, renderListTimes } from "./list-times.js";

suite("renderListTimes()", () => {
  test("says what calls took, and whether that is less than the limit", () => {
    const times = Array.from({ length: 200 }, (_, index) => 200 - index);
    assert.deepEqual(
      renderListTimes([
        { name: "a list", times, limitMs: 200, cpuMs: 7.4 },
        { name: "another", times, limitMs: 199 },
        { name: "the rest", times: [3] },
      ]).split("\n"),
      [
        "| milliseconds | median | p99 | max | limit of p99 | of the processor, mean |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        "| a list | 101 | 199 | 200 | 200: met | 7 |",
        "| another | 101 | 199 | 200 | 199: missed |  |",
        "| the rest | 3 | 3 | 3 |  |  |",
      ],
    );
  });
});

suite("readCpuMs()", () => {
  test("adds up what two processes took", {
    skip: process.platform !== "linux",
  }, async () => {
    const own = process.cpuUsage();
    const ownMs = (own.user + own.system) / 1_000;
    const both = await readCpuMs(process.pid);
    assert.ok(both !== undefined && both > 1.5 * ownMs, `${both} of ${ownMs}`);
    assert.equal(await readCpuMs(0), undefined);
  });
});
