import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { connectTimeout, grpcTimeout } from "./timeout-value.js";

suite("grpcTimeout()", () => {
  test("has at most eight digits, and no fraction", () => {
    assert.equal(grpcTimeout(1), "1m");
    assert.equal(grpcTimeout(1_499.73), "1500m");
    assert.equal(grpcTimeout(99_999_999), "99999999m");
    assert.equal(grpcTimeout(100_000_001), "100001S");
    assert.equal(grpcTimeout(3_000_000_000), "3000000S");
    assert.equal(grpcTimeout(Number.MAX_SAFE_INTEGER), "99999999S");
  });
});

suite("connectTimeout()", () => {
  test("has at most ten digits, and no fraction", () => {
    assert.equal(connectTimeout(0.2), "1");
    assert.equal(connectTimeout(3_000_000_000), "3000000000");
    assert.equal(connectTimeout(Number.MAX_SAFE_INTEGER), "9999999999");
  });
});
