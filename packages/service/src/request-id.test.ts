import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { acceptRequestId } from "./request-id.js";

suite("acceptRequestId()", () => {
  test("keeps an id that is given", () => {
    assert.equal(acceptRequestId("a-1.b_2:c"), "a-1.b_2:c");
  });

  test("makes a new one for none, and for one that could forge a log line", () => {
    for (const given of [
      undefined,
      null,
      "",
      "a\nb",
      "a b",
      "é",
      "x".repeat(129),
    ]) {
      assert.match(acceptRequestId(given), /^[0-9a-f-]{36}$/);
    }
    assert.notEqual(acceptRequestId(""), acceptRequestId(""));
  });
});
