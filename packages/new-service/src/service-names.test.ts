import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { spellNames } from "./service-names.js";

suite("spellNames()", () => {
  test("spells a name of two words in every way", () => {
    assert.deepEqual(spellNames("greet-people"), {
      kebab: "greet-people",
      pascal: "GreetPeople",
      camel: "greetPeople",
      snake: "greet_people",
      upper: "GREET_PEOPLE",
      flat: "greetpeople",
    });
  });

  for (const name of ["", "Greet", "greet_people", "-a", "a-", "1a", "../a"]) {
    test(`refuses ${JSON.stringify(name)}`, () => {
      assert.throws(() => spellNames(name), RangeError);
    });
  }
});
