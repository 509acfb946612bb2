import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "@both-ends/testing";

const main = fileURLToPath(new URL("./main.js", import.meta.url));

suite("node main.js", { timeout: 30_000 }, () => {
  test("explains every variable with --help", async () => {
    const { code, stdout } = await run(process.execPath, [main, "--help"]);
    assert.equal(code, 0);
    assert.match(stdout, /REVERT_NAME_WORKER_METRICS_PORT +9996 /);
    assert.match(stdout, /MONGODB_URI/);
  });

  test("refuses an argument that it does not know", async () => {
    const { code, stderr } = await run(process.execPath, [main, "--now"]);
    assert.equal(code, 1);
    assert.equal(stderr, "unknown argument --now; see --help\n");
  });
});
