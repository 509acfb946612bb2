import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parseKnownFailing } from "./known-failing.js";

suite("parseKnownFailing()", () => {
  test("gives each block its cause and its patterns", () => {
    assert.deepEqual(
      parseKnownFailing("# Because\n# of this.\na/*\nb/**\n\n# And that.\nc\n"),
      [
        { cause: "Because of this.", patterns: ["a/*", "b/**"] },
        { cause: "And that.", patterns: ["c"] },
      ],
    );
  });

  test("takes a comment alone for no failure", () => {
    assert.deepEqual(parseKnownFailing("# None.\n"), []);
  });

  test("refuses a pattern without a cause", () => {
    assert.throws(() => parseKnownFailing("# A cause.\na\n\nb/c\n"), {
      message: "no cause is given for the known failure b/c",
    });
  });
});
