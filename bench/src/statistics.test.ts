import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fitLine, median, summarize } from "./statistics.js";

suite("median()", () => {
  test("gives the value in the middle, whatever the order", () => {
    assert.equal(median([30, 1, 2]), 2);
    assert.equal(median([10, 9, 100]), 10);
  });

  test("gives the mean of the two in the middle", () => {
    assert.equal(median([4, 1, 3, 2]), 2.5);
  });

  test("refuses no values", () => {
    assert.throws(() => median([]), RangeError);
  });
});

suite("summarize()", () => {
  test("tells median, minimum and maximum", () => {
    assert.deepEqual(summarize([3, -1, 7]), { median: 3, min: -1, max: 7 });
  });
});

suite("fitLine()", () => {
  test("finds the slope of points on a line, without any error", () => {
    const points = [1, 2, 3, 4].map((x) => ({ x, y: 5 + 2 * x }));
    assert.deepEqual(fitLine(points), { slope: 2, standardError: 0 });
  });

  test("tells how uncertain the slope of scattered points is", () => {
    const points = [
      { x: 1, y: 2 },
      { x: 2, y: 4 },
      { x: 3, y: 2 },
      { x: 4, y: 5 },
    ];
    const { slope, standardError } = fitLine(points);
    assert.ok(Math.abs(slope - 0.7) < 1e-9, `slope ${slope}`);
    // Residues of -0.2, 1.1, -1.6 and 0.7: squares of 4.3 in all, two degrees
    // of freedom, squares of x of 5 in all.
    assert.ok(Math.abs(standardError - Math.sqrt(4.3 / 2 / 5)) < 1e-9);
  });

  test("refuses points that make no line", () => {
    assert.throws(() => fitLine([{ x: 1, y: 1 }]), RangeError);
    const upright = [1, 2, 3].map((y) => ({ x: 1, y }));
    assert.throws(() => fitLine(upright), RangeError);
  });
});
