import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { suite, test } from "node:test";
import { runCommand } from "./command.js";

suite("README.md", () => {
  test("names the options that there are, and no other", async () => {
    const readme = await readFile(
      new URL("../README.md", import.meta.url),
      "utf8",
    );
    const stdout = new PassThrough();
    await runCommand(["--help"], {
      stdout,
      stderr: new PassThrough(),
      signal: new AbortController().signal,
    });
    const options = (text: string) =>
      [...new Set(text.match(/--[a-z][a-z\d-]+/g))]
        .filter((option) => option !== "--help")
        .sort();
    assert.deepEqual(options(readme), options(String(stdout.read())));
  });
});
