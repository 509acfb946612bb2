import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { hasBearerToken } from "./bearer-token.js";

suite("hasBearerToken()", () => {
  test("takes the token in any spelling of the scheme", () => {
    for (const header of ["Bearer abc", "bearer abc", "BEARER  abc"]) {
      assert.equal(hasBearerToken(header, "abc"), true);
    }
  });

  test("takes nothing else", () => {
    for (const header of [
      undefined,
      null,
      "",
      "abc",
      "Bearer",
      "Bearer ab",
      "Bearer abcd",
      "Bearer abc def",
      "Basic abc",
    ]) {
      assert.equal(hasBearerToken(header, "abc"), false);
    }
  });
});
