import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createRandom } from "../client/random.test.js";
import { CompressionError } from "./compression-error.js";
import { HpackDecoder } from "./hpack-decoder.js";
import {
  examples,
  fieldList,
  hex,
  listBytes,
  wholeStaticTable,
} from "./hpack-example.test.js";

const seed = Number(process.env.HPACK_SEED ?? Date.now() % 1e9);

function decode(
  decoder: HpackDecoder,
  digits: string,
  maxListBytes = 65536,
): string[] {
  const block = hex(digits);
  return decoder.decode(block, 0, block.length, maxListBytes);
}

suite("HpackDecoder.decode", () => {
  for (const { section, tableBytes, blocks } of examples) {
    test(`decodes the blocks of RFC 7541, section ${section}`, () => {
      const decoder = new HpackDecoder();
      if (tableBytes === 256) {
        decode(decoder, "3f e1 01");
      }
      for (const { bytes, fields } of blocks) {
        assert.deepEqual(decode(decoder, bytes), fieldList(fields));
      }
    });
  }

  test("decodes the whole static table", () => {
    const indexes = Array.from({ length: 61 }, (_, i) => 0x80 + 1 + i);
    const block = Uint8Array.from(indexes);
    const fields = new HpackDecoder().decode(block, 0, 61, 65536);
    assert.deepEqual(fields, wholeStaticTable);
    assert.equal(fields[0], ":authority");
    assert.equal(fields[2 * 60], "www-authenticate");
  });

  test("takes the bytes between start and end alone", () => {
    const block = hex("ff 82 86 ff");
    const decoder = new HpackDecoder();
    assert.deepEqual(decoder.decode(block, 1, 3, 65536), [
      ":method",
      "GET",
      ":scheme",
      "http",
    ]);
    assert.deepEqual(decoder.decode(block, 1, 1, 65536), []);
  });

  test("gives a fresh list each time", () => {
    const decoder = new HpackDecoder();
    assert.notEqual(decode(decoder, "82"), decode(decoder, "82"));
  });

  test("decodes strings of all lengths as latin1", () => {
    const decoder = new HpackDecoder();
    for (let length = 0; length < 127; length++) {
      const value = Buffer.from(
        Array.from({ length }, (_, i) => 255 - i - length / 2),
      );
      const block = Buffer.concat([Buffer.from([0x0f, 0, length]), value]);
      const [, decoded] = decoder.decode(block, 0, block.length, 65536);
      assert.equal(decoded, value.toString("latin1"));
    }
  });

  test("keeps a field when its name's field is pushed out by it", () => {
    const decoder = new HpackDecoder();
    // A table of 64 bytes has room for one field, the second takes its name.
    decode(decoder, "3f 21 40 02 6162 02 6364");
    assert.deepEqual(
      decode(decoder, "7e 02 6566 be"),
      "ab ef ab ef".split(" "),
    );
  });

  test("empties the table for a field that is larger than it", () => {
    const decoder = new HpackDecoder();
    decode(decoder, "3f 01 40 00 00 be");
    decode(decoder, "40 01 61 00");
    assert.throws(() => decode(decoder, "be"), CompressionError);
  });

  test("empties the table when it is resized to nothing", () => {
    const decoder = new HpackDecoder();
    decode(decoder, "40 01 61 01 62");
    assert.deepEqual(decode(decoder, "be"), ["a", "b"]);
    assert.deepEqual(decode(decoder, "20 3f e1 1f"), []);
    assert.throws(() => decode(decoder, "be"), CompressionError);
  });

  test("uses a table of as many bytes as it announced, after an update", () => {
    const decoder = new HpackDecoder(65536);
    const fields: string[] = [];
    decode(decoder, "3f e1 ff 03");
    for (let i = 0; i < 1000; i++) {
      const name = i.toString(16).padStart(4, "0");
      decode(decoder, `40 04 ${Buffer.from(name).toString("hex")} 00`);
      fields.push(name, "");
    }
    // Index 62 is the newest, and 1061 the oldest.
    assert.deepEqual(decode(decoder, "be"), ["03e7", ""]);
    assert.deepEqual(decode(decoder, "ff a6 07"), ["0000", ""]);
    assert.throws(() => decode(decoder, "ff a7 07"), CompressionError);
  });

  test("holds 4096 bytes of fields before an update", () => {
    const decoder = new HpackDecoder(0);
    for (let i = 0; i < 200; i++) {
      decode(decoder, "40 00 00");
    }
    // 128 fields of 32 bytes.
    assert.deepEqual(decode(decoder, "ff 3e"), ["", ""]);
    assert.throws(() => decode(decoder, "ff 3f"), CompressionError);
    assert.deepEqual(decode(decoder, "20"), []);
    assert.throws(() => decode(decoder, "be"), CompressionError);
  });

  const malformed: [what: string, bytes: string][] = [
    ["index 0", "80"],
    ["an index beyond the table", "be"],
    ["a name's index beyond the table", "7e 00"],
    ["a name's index beyond the table, not to be indexed", "0f 2f 00"],
    ["an index that is cut off", "ff"],
    ["an index that is cut off later", "ff 80 80"],
    ["an index of more than 28 bits", "ff ff ff ff ff 0f"],
    ["an index that does not end", "ff 80 80 80 80 80 80 80 80 80 80 80"],
    ["a literal without a name", "40"],
    ["a name that is cut off", "40 02 61"],
    ["a literal without a value", "40 01 61"],
    ["a value that is cut off", "40 01 61 02 62"],
    ["a length that is cut off", "40 01 61 7f"],
    ["a length beyond the block", "40 01 61 7f ff ff ff 7f"],
    ["an indexed name without a value", "44"],
    ["a malformed Huffman code", "44 81 00"],
    ["a Huffman code that is cut off", "44 86 a8eb 1064 9c"],
    ["an update that is too large", "3f e2 1f"],
    ["an update that is cut off", "3f"],
    ["an update after a field", "82 20"],
    ["three updates", "20 20 20"],
  ];
  for (const [what, bytes] of malformed) {
    test(`refuses ${what}`, () => {
      assert.throws(() => decode(new HpackDecoder(), bytes), CompressionError);
    });
  }

  test("leaves out what makes the list too large, and keeps the table", () => {
    const decoder = new HpackDecoder();
    const fields = fieldList(":method: GET\na: b\nc: d");
    const block = "82 40 01 61 01 62 40 01 63 01 64";
    const bytes = listBytes(fields);
    assert.deepEqual(decode(decoder, block, bytes), fields);
    assert.equal(decoder.overflowed, false);
    assert.deepEqual(decode(decoder, block, bytes - 1), fields.slice(0, 4));
    assert.equal(decoder.overflowed, true);
    assert.deepEqual(decode(decoder, block, 0), []);
    assert.equal(decoder.overflowed, true);
    assert.deepEqual(
      decode(decoder, "be bf c3"),
      fieldList("c: d\na: b\na: b"),
    );
    assert.equal(decoder.overflowed, false);
  });

  test(`throws nothing but CompressionError for any bytes, seed ${seed}`, () => {
    const random = createRandom(seed);
    const seen = { decoded: 0, refused: 0 };
    for (let round = 0; round < 20_000; round++) {
      const decoder = new HpackDecoder(random.pick([0, 4096, 100_000]));
      const length = random.below(40);
      const block = new Uint8Array(length + 2);
      for (let pos = 0; pos < length; pos++) {
        block[pos] = random.often(0.5, random.below(256), [
          random.below(64) + 0x80,
          random.below(4),
          0x40 + random.below(64),
        ]);
      }
      try {
        const fields = decoder.decode(block, 0, length, 200);
        seen.decoded++;
        assert.equal(fields.length % 2, 0);
        assert.ok(listBytes(fields) <= 200);
        assert.ok(fields.every((text) => typeof text === "string"));
      } catch (error) {
        assert.ok(error instanceof CompressionError, String(error));
        seen.refused++;
      }
    }
    assert.ok(seen.decoded > 300 && seen.refused > 300, JSON.stringify(seen));
  });
});
