import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { redactUri } from "./redact-uri.js";

suite("redactUri()", () => {
  for (const [uri, redacted] of [
    ["mongodb://127.0.0.1:27017", "mongodb://127.0.0.1:27017"],
    ["mongodb://ann:s3cret@db:27017/admin", "mongodb://db:27017/admin"],
    ["mongodb+srv://ann:s3cret@db.example.com", "mongodb+srv://db.example.com"],
    ["mongodb://ann:p%40ss@a:1,b:2/x?replicaSet=r", "mongodb://a:1,b:2/x"],
    ["mongodb://ann:s@cret@db/x", "mongodb://db/x"],
    ["mongodb://ann:s/cr?t@db/x", "mongodb://…"],
    ["mongodb://ann:s?cr/t@db/x", "mongodb://…"],
    ["mongodb://db?password=s@cret", "mongodb://…"],
    ["mongodb://db/?tlsCertificateKeyFilePassword=s3cret", "mongodb://db/"],
    ["mongodb://db?password=s3cret", "mongodb://db"],
    ["MONGODB://ann:s3cret@db", "MONGODB://db"],
  ] as const) {
    test(`answers ${redacted} for ${uri}`, () => {
      assert.equal(redactUri(uri), redacted);
    });
  }

  test("redacts a URI within a sentence, and each of several", () => {
    assert.equal(
      redactUri("cannot reach mongodb://a:b@one/x and mongodb://c:d@two today"),
      "cannot reach mongodb://one/x and mongodb://two today",
    );
  });

  test("leaves other text alone", () => {
    const text = "connect ECONNREFUSED 127.0.0.1:27017, mail ann@example.com";
    assert.equal(redactUri(text), text);
  });
});
