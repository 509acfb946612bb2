import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { spellInterval } from "./spell-interval.js";

suite("spellInterval(typed)", () => {
  for (const [typed, spelled] of [
    ["5 s", "5 seconds"],
    ["5s", "5 seconds"],
    ["1 min", "1 minute"],
    ["1h30m", "1 hour 30 minutes"],
    ["1 h 30 min 10 sec", "1 hour 30 minutes 10 seconds"],
    ["1.5 h", "1.5 hours"],
    ["2 D", "2 days"],
  ] as const) {
    test(`spells out ${typed}`, () => {
      assert.equal(spellInterval(typed), spelled);
    });
  }

  for (const typed of ["10 seconds", "1 hour, 30 minutes", "200 ms", "5", ""]) {
    test(`leaves ${JSON.stringify(typed)} as it is`, () => {
      assert.equal(spellInterval(typed), typed);
    });
  }
});
