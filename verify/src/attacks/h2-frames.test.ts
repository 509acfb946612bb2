import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  dataFrame,
  frameTypes,
  headersFrame,
  readFrames,
  rstFrame,
  settingsFrame,
} from "./h2-frames.js";
import { hpackBlock, hpackIndexed, hpackInteger } from "./hpack.js";

suite("readFrames()", () => {
  test("reads what was written, and leaves what is not whole", () => {
    const block = hpackBlock([["a", "b"]]);
    const bytes = Buffer.concat([
      settingsFrame,
      headersFrame(1, block, true),
      dataFrame(3, Buffer.from("xy")),
      rstFrame(5, 7),
    ]);
    const frames = readFrames(bytes.subarray(0, -1));
    assert.deepEqual(
      frames.map(({ type, flags, streamId }) => [type, flags, streamId]),
      [
        [frameTypes.settings, 0, 0],
        [frameTypes.headers, 5, 1],
        [frameTypes.data, 0, 3],
      ],
    );
    assert.equal(readFrames(bytes).at(-1)?.payload.readUInt32BE(), 7);
  });
});

suite("hpackInteger()", () => {
  // The examples of RFC 7541, C.1.
  for (const [value, prefixBits, bytes] of [
    [10, 5, "0a"],
    [1337, 5, "1f9a0a"],
    [42, 8, "2a"],
  ] as const) {
    test(`encodes ${value} with a prefix of ${prefixBits} bits`, () => {
      assert.equal(hpackInteger(value, prefixBits, 0).toString("hex"), bytes);
    });
  }

  test("marks an index", () => {
    assert.deepEqual([...hpackIndexed(62)], [0xbe]);
  });
});
