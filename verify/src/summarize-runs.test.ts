import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { summarizeRuns } from "./summarize-runs.js";

const runs = [
  { name: "soak", title: "A long load" },
  { name: "attacks", title: "Attacks" },
  { name: "chaos", title: "Chaos" },
];

suite("summarizeRuns()", () => {
  test("shows date, duration and verdict of each run's section", () => {
    const document = `# Reliability

<!-- attacks:begin -->
## Attacks

\`npm run verify -- attacks\`, 122 s, seed 7, scale 1; 2026-11-24, Node v20.20.2, 2 cores.

verdict: pass: nothing was left over
<!-- attacks:end -->

<!-- soak:begin -->
## A long load

\`npm run verify -- soak\`, 9 s, seed 8, scale 1; 2026-11-23, Node v20.20.2, 2 cores.

verdict: FAIL: the heap grows
<!-- soak:end -->
`;
    assert.deepEqual(
      summarizeRuns(runs, document)
        .split("\n")
        .slice(2)
        .map((line) => line.split("|").map((cell) => cell.trim())),
      [
        ["", "A long load", "2026-11-23", "9", "FAIL", ""],
        ["", "Attacks", "2026-11-24", "122", "pass", ""],
        ["", "Chaos", "not yet", "", "", ""],
      ],
    );
  });
});
