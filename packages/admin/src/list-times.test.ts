import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { renderListTimes } from "./list-times.js";

suite("renderListTimes()", () => {
  test("says what calls took, and whether that is less than the limit", () => {
    const times = Array.from({ length: 200 }, (_, index) => 200 - index);
    assert.deepEqual(
      renderListTimes([
        { name: "a list", times, limitMs: 200 },
        { name: "another", times, limitMs: 199 },
        { name: "the rest", times: [3] },
      ]).split("\n"),
      [
        "| milliseconds | median | p99 | max | limit of p99 |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| a list | 101 | 199 | 200 | 200: met |",
        "| another | 101 | 199 | 200 | 199: missed |",
        "| the rest | 3 | 3 | 3 |  |",
      ],
    );
  });
});
