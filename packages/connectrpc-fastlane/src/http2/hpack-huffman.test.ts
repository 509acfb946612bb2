import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { CompressionError } from "./compression-error.js";
import { hex, huffmanOf } from "./hpack-example.test.js";
import { decodeHuffman } from "./hpack-huffman.js";

const decode = (bytes: Uint8Array) => decodeHuffman(bytes, 0, bytes.length);

suite("decodeHuffman", () => {
  test("decodes each byte, alone and between others", () => {
    for (let byte = 0; byte < 256; byte++) {
      const one = String.fromCharCode(byte);
      for (const text of [one, `a${one}`, `${one}z`, `w${one}${one}0`]) {
        assert.equal(decode(huffmanOf(text)), text);
      }
    }
  });

  test("decodes strings of all lengths", () => {
    let text = "";
    for (let i = 0; i < 300; i++) {
      assert.equal(decode(huffmanOf(text)), text);
      text += String.fromCharCode((i * 37) & 0xff);
    }
    const long = "0a1e2".repeat(20_000);
    assert.equal(decode(huffmanOf(long)), long);
  });

  test("takes the bytes between start and end alone", () => {
    const bytes = hex("ff ff a8eb 1064 9cbf ff ff");
    assert.equal(decodeHuffman(bytes, 2, 8), "no-cache");
  });

  const malformed: [what: string, bytes: string][] = [
    ["padding of zeros", "1800"],
    ["padding that is not all ones", "1e"],
    ["eight bits of padding", "1fff"],
    ["more than eight bits of padding", "1fffff"],
    ["padding alone", "ff"],
    ["EOS", "ffff fffc"],
    ["EOS and more", "1fff ffff ff1f ff"],
    ["a code that is cut off", "ffff fe"],
  ];
  for (const [what, bytes] of malformed) {
    test(`refuses ${what}`, () => {
      assert.throws(() => decode(hex(bytes)), CompressionError);
    });
  }
});
