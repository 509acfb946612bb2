import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "@both-ends/testing";
import { readBoard } from "./read-board.js";

const program = fileURLToPath(new URL("./export-boards.js", import.meta.url));

suite("node export-boards.js", { timeout: 30_000 }, () => {
  test("writes both sides for other labels", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "boards-"));
    t.after(() => rm(folder, { recursive: true }));
    const { code, stderr } = await run(process.execPath, [
      program,
      ...["--out", folder, "--spelling", "python", "--prefix", "shop_"],
    ]);
    assert.equal(stderr, "");
    assert.equal(code, 0);
    for (const side of ["server", "client"]) {
      const text = await readFile(
        join(folder, `grpc-${side}-side.json`),
        "utf8",
      );
      const queries = JSON.stringify(readBoard(JSON.parse(text)).queriesOf());
      assert.ok(queries.includes(`shop_grpc_${side}_started_total`));
      assert.ok(queries.includes("DEADLINE_EXCEEDED"));
    }
  });

  test("refuses a spelling that it does not know", async () => {
    const { code, stderr } = await run(process.execPath, [
      program,
      ...["--out", "/nowhere", "--spelling", "rust"],
    ]);
    assert.equal(code, 2);
    assert.match(stderr, /^usage: /);
  });
});
