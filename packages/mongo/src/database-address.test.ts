import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { databaseUri, formatAddress, parsePort } from "./database-address.js";

suite("databaseUri()", () => {
  for (const [host, uri] of [
    ["127.0.0.1", "mongodb://127.0.0.1:27017"],
    ["0.0.0.0", "mongodb://127.0.0.1:27017"],
    ["::", "mongodb://[::1]:27017"],
    ["::1", "mongodb://[::1]:27017"],
    ["db.example.com", "mongodb://db.example.com:27017"],
  ] as const) {
    test(`answers ${uri} for ${host}`, () => {
      assert.equal(databaseUri({ host, port: 27017 }), uri);
    });
  }
});

suite("parsePort()", () => {
  test("reads back what formatAddress wrote", () => {
    for (const host of ["127.0.0.1", "::1"]) {
      assert.equal(parsePort(formatAddress({ host, port: 8010 })), 8010);
    }
  });

  test("answers undefined without a port", () => {
    assert.equal(parsePort("127.0.0.1"), undefined);
  });
});
