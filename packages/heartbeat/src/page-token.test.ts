import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ObjectId } from "mongodb";
import { InvalidPageTokenError } from "./heartbeat-store-error.js";
import { formatPageToken, parsePageToken } from "./page-token.js";

suite("parsePageToken()", () => {
  const position = {
    time: new Date("2026-01-02T03:04:05.678Z"),
    id: ObjectId.createFromHexString("0123456789abcdef01234567"),
  };
  const token = formatPageToken(position);

  test("reads what formatPageToken() made", () => {
    assert.deepEqual(parsePageToken(token), position);
  });

  test("reads a token that is safe in a URL and far below 256 characters", () => {
    assert.match(token, /^[A-Za-z0-9_-]{1,64}$/);
  });

  const refused = {
    "text of any other kind": "next",
    "a token cut short": token.slice(0, -1),
    "a token with something behind it": `${token}A`,
    "a token with something that base64url skips": `${token.slice(0, 5)} ${token.slice(5)}`,
    "an id that is none": encode("1767323045678-0123"),
    "a time that is none": encode("soon-0123456789abcdef01234567"),
    "a time beyond all dates": encode(
      "9999999999999999-0123456789abcdef01234567",
    ),
    "a query in its place": encode('{"$gt":""}'),
  };
  for (const [what, text] of Object.entries(refused)) {
    test(`refuses ${what}`, () => {
      assert.throws(() => parsePageToken(text), InvalidPageTokenError);
    });
  }

  test("names the token it refuses, cut to 64 characters", () => {
    assert.throws(() => parsePageToken("next"), {
      message: 'page token "next" is not one of ours',
    });
    assert.throws(() => parsePageToken("x".repeat(256)), {
      message: `page token "${"x".repeat(64)}…" is not one of ours`,
    });
  });
});

function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}
