import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createRandom } from "../client/random.test.js";
import { encodeStaticBlock } from "./block-writer.js";
import { HpackDecoder } from "./hpack-decoder.js";
import { HpackEncoder } from "./hpack-encoder.js";
import { fieldList, wholeStaticTable } from "./hpack-example.test.js";

const seed = Number(process.env.HPACK_SEED ?? Date.now() % 1e9);

function encode(encoder: HpackEncoder, fields: readonly string[]): Uint8Array {
  const target = new Uint8Array(HpackEncoder.bound(fields) + 1);
  return target.subarray(1, encoder.encode(fields, target, 1));
}

function decode(decoder: HpackDecoder, block: Uint8Array): string[] {
  return decoder.decode(block, 0, block.length, 1e6);
}

const hexOf = (block: Uint8Array) => Buffer.from(block).toString("hex");

const request = (timeout: string) =>
  fieldList(`
:method: POST
:scheme: http
:path: /time.v1.TimeService/WhatTimeIs
:authority: 127.0.0.1:8010
content-type: application/grpc+proto
te: trailers
user-agent: connect-es/2.2.0
grpc-timeout: ${timeout}`);

suite("HpackEncoder.encode", () => {
  test("writes fields that repeat as one byte each", () => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder();
    for (const timeout of ["1S", "999999u", "5S"]) {
      const block = encode(encoder, request(timeout));
      assert.deepEqual(decode(decoder, block), request(timeout));
    }
    // The name of the last one takes two bytes more, its length one.
    const block = encode(encoder, request("5S"));
    assert.equal(block.length, 7 + 3 + 2);
    assert.deepEqual(decode(decoder, block), request("5S"));
  });

  test("uses the static table", () => {
    const block = encode(new HpackEncoder(), wholeStaticTable);
    assert.deepEqual(decode(new HpackDecoder(), block), wholeStaticTable);
    const known = fieldList(":method: GET\n:status: 500\n:scheme: https");
    assert.equal(hexOf(encode(new HpackEncoder(), known)), "828e87");
  });

  test("never indexes authorization and short cookies", () => {
    const long = "x".repeat(20);
    const encoder = new HpackEncoder();
    for (const [fields, start] of [
      [["authorization", long], "1f08"],
      [["cookie", "a=b"], "1f11"],
      [["set-cookie", "a=b"], "1f28"],
      [["cookie", long], "60"],
    ] as const) {
      const block = encode(encoder, fields);
      assert.ok(hexOf(block).startsWith(start), hexOf(block));
    }
  });

  test("indexes no value that is larger than half the table", () => {
    const encoder = new HpackEncoder();
    const fields = ["server", "x".repeat(2048)];
    assert.equal(encode(encoder, fields)[0], 0x0f);
    assert.equal(encode(encoder, fields)[0], 0x0f);
  });

  test("stops to index a name that gets a new value each time", () => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder();
    const indexed: boolean[] = [];
    for (let i = 0; i < 600; i++) {
      const fields = ["x-id", String(i), "server", "a"];
      const block = encode(encoder, fields);
      assert.deepEqual(decode(decoder, block), fields);
      indexed.push(((block[0] ?? 0) & 0x40) !== 0);
    }
    assert.equal(indexed.indexOf(false), 16);
    assert.equal(indexed.filter(Boolean).length, 16 * 3);
  });

  test("remembers no end of names", () => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder();
    for (let i = 0; i < 1000; i++) {
      const fields = [`x-${i}`, "a"];
      const block = encode(encoder, fields);
      assert.deepEqual(decode(decoder, block), fields);
      assert.equal(block[0], i < 256 ? 0x40 : 0);
    }
  });

  test(`round-trips any fields with any table size, seed ${seed}`, () => {
    const random = createRandom(seed);
    const text = (characters: number) =>
      String.fromCharCode(
        ...Array.from({ length: random.below(characters) }, () =>
          random.below(256),
        ),
      );
    for (let connection = 0; connection < 40; connection++) {
      const encoder = new HpackEncoder(random.pick([4096, 65536]));
      const decoder = new HpackDecoder(65536);
      const names = [
        ...wholeStaticTable.filter((_, i) => i % 2 === 0),
        ...Array.from({ length: random.below(400) }, () => text(40)),
        "grpc-timeout",
      ];
      const values = Array.from({ length: 30 }, () => text(300));
      values.push("", "200", "GET", "x".repeat(5000));
      for (let block = 0; block < 100; block++) {
        while (random.chance(0.05)) {
          encoder.setPeerTableSize(
            random.pick([0, 32, 100, 1000, 4096, 65536, random.below(65536)]),
          );
        }
        const fields: string[] = [];
        while (random.chance(0.9)) {
          const value = random.chance(0.8) ? random.pick(values) : text(300);
          fields.push(random.pick(names), value);
        }
        const bytes = encode(encoder, fields);
        assert.ok(bytes.length <= HpackEncoder.bound(fields));
        assert.deepEqual(decode(decoder, bytes), fields);
      }
    }
  });
});

suite("HpackEncoder.setPeerTableSize", () => {
  const updates: [sizes: number[], block: string][] = [
    [[], "82"],
    [[4096], "82"],
    [[8192], "82"],
    [[0], "2082"],
    [[100, 200], "203fa90182"],
    [[100, 65536], "203fe11f82"],
    [[200, 100], "3f4582"],
  ];
  for (const [sizes, want] of updates) {
    test(`starts the next block with updates after ${JSON.stringify(sizes)}`, () => {
      const encoder = new HpackEncoder();
      for (const size of sizes) {
        encoder.setPeerTableSize(size);
      }
      assert.equal(encoder.updateDue, want !== "82");
      assert.equal(hexOf(encode(encoder, [":method", "GET"])), want);
      assert.equal(encoder.updateDue, false);
      assert.equal(hexOf(encode(encoder, [":method", "GET"])), "82");
    });
  }
});

suite("encodeStaticBlock", () => {
  test("makes a block that changes no table", () => {
    const fields = fieldList(`
:status: 200
content-type: application/grpc+proto
grpc-status: 0
authorization: Bearer`);
    const block = encodeStaticBlock(fields);
    const decoder = new HpackDecoder();
    assert.deepEqual(decode(decoder, block), fields);
    assert.throws(() => decode(decoder, Uint8Array.of(0xbe)));
    assert.equal(block[0], 0x88);
    assert.ok(hexOf(block).includes("1f08"));
  });
});
