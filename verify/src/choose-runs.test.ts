import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { chooseRuns } from "./choose-runs.js";

const attacks = { name: "attacks", parts: ["flood", "bomb"] };
const soak = { name: "soak" };
const runs = [attacks, soak];

suite("chooseRuns()", () => {
  test("chooses all without a name", () => {
    assert.deepEqual(chooseRuns<{ name: string; parts?: string[] }>(runs, []), [
      { run: attacks, parts: [] },
      { run: soak, parts: [] },
    ]);
  });

  test("chooses runs and parts by name", () => {
    assert.deepEqual(
      chooseRuns<{ name: string; parts?: string[] }>(runs, [
        "attacks:bomb",
        "attacks:flood",
        "soak",
      ]),
      [
        { run: attacks, parts: ["bomb", "flood"] },
        { run: soak, parts: [] },
      ],
    );
  });

  for (const [name, message] of [
    ["sock", "there is no run sock, there are attacks, soak"],
    ["attacks:fire", "attacks has no part fire, its parts are flood, bomb"],
    ["soak:bomb", "soak has no part bomb, its parts are none"],
  ] as const) {
    test(`refuses ${name}`, () => {
      assert.throws(
        () => chooseRuns<{ name: string; parts?: string[] }>(runs, [name]),
        { name: "RangeError", message },
      );
    });
  }
});
