import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createLineSplitter } from "./lines.js";

function split(chunks: readonly (string | Buffer)[], maxLineBytes?: number) {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => lines.push(line), {
    maxLineBytes,
  });
  for (const chunk of chunks) {
    splitter.push(Buffer.from(chunk));
  }
  splitter.end();
  return lines;
}

suite("createLineSplitter()", () => {
  test("joins what comes in pieces, and divides what comes at once", () => {
    assert.deepEqual(split(["a", "b\nc\r\n\nd", "e"]), ["ab", "c", "", "de"]);
  });

  test("keeps a character whose bytes come apart", () => {
    const bytes = Buffer.from("João\n");
    const parts = [bytes.subarray(0, 3), bytes.subarray(3)];
    assert.deepEqual(split(parts), ["João"]);
  });

  test("cuts a long line and goes on with the next", () => {
    assert.deepEqual(split(["12345", "6789\nnext\n"], 4), [
      "1234… (5 bytes cut)",
      "next",
    ]);
  });

  test("gives nothing for output that ends with a line end", () => {
    assert.deepEqual(split(["a\n"]), ["a"]);
  });
});
