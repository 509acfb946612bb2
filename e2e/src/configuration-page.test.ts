import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { suite, test } from "node:test";
import { run } from "@both-ends/testing";
import { root } from "./use-system.js";

suite("docs/configuration.md", () => {
  test("has the tables that the schemas make", async () => {
    const script = `${root}scripts/write-configuration.mjs`;
    const { code, stderr } = await run(process.execPath, [script, "--check"]);
    assert.equal(code, 0, stderr);
  });

  test("says what each limit does, and names no other", async () => {
    const page = await readFile(`${root}docs/configuration.md`, "utf8");
    const [, first = "", ...rest] = page.split(/^#+ Limits$/m);
    assert.equal(rest.length, 1);
    const namesIn = (text: string) =>
      [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name).sort();
    const [described = ""] = first.split(/^## /m);
    const [generated = ""] = String(rest[0]).split(/^### /m);
    const limits = namesIn(generated);
    assert.ok(limits.length >= 9);
    assert.deepEqual(
      namesIn(described),
      [...limits, "SHUTDOWN_GRACE_MS"].sort(),
    );
  });
});
