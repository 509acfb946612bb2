import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  parseList,
  parseShare,
  parseTimeMs,
  parseWords,
} from "./parse-values.js";

suite("parseTimeMs()", () => {
  for (const [text, ms] of [
    ["250ms", 250],
    ["10s", 10_000],
    ["10", 10_000],
    ["1.5m", 90_000],
    ["1h", 3_600_000],
  ] as const) {
    test(`reads ${text}`, () => assert.equal(parseTimeMs(text), ms));
  }
  for (const text of ["", "-1s", "1d", "s", "1e3", "10 s"]) {
    test(`refuses "${text}"`, () =>
      assert.throws(() => parseTimeMs(text), /a time is like/));
  }
});

suite("parseShare()", () => {
  test("reads fractions and per cent", () => {
    assert.equal(parseShare("0.25"), 0.25);
    assert.equal(parseShare("25%"), 0.25);
  });
  for (const text of ["1.1", "101%", "-1%", "%", "x"]) {
    test(`refuses "${text}"`, () => assert.throws(() => parseShare(text)));
  }
});

suite("parseWords()", () => {
  const parse = parseWords(["grpc_web", "rest"]);
  test("reads known words in any case, with either dash", () => {
    assert.deepEqual(parse("REST, grpc-web,"), ["rest", "grpc_web"]);
  });
  test("names the words there are when it refuses one", () => {
    assert.throws(() => parse("soap"), /soap is none of grpc_web, rest/);
  });
});

suite("parseList()", () => {
  test("leaves out what is empty", () => {
    assert.deepEqual(parseList(" a, ,b,"), ["a", "b"]);
  });
});
