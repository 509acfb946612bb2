import assert from "node:assert/strict";
import { mkdtemp, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { holdBuildLock } from "./build-lock.js";

async function lockPath(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "build-lock-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "building");
}

const options = {
  onWait: () => {},
  isDone: () => false,
  signal: AbortSignal.timeout(20_000),
};

suite("holdBuildLock()", () => {
  test("lets in one after the other", async (t) => {
    const path = await lockPath(t);
    const log: string[] = [];
    await Promise.all(
      ["a", "b", "c"].map(async () => {
        const release = await holdBuildLock(path, options);
        log.push("in");
        await stat(path);
        log.push("out");
        await release();
      }),
    );
    assert.deepEqual(log, ["in", "out", "in", "out", "in", "out"]);
  });

  test("takes over from a holder that is gone", async (t) => {
    const path = await lockPath(t);
    await writeFile(path, "1\n");
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(path, longAgo, longAgo);
    const release = await holdBuildLock(path, options);
    await release();
  });

  test("waits no longer when the product is there", async (t) => {
    const path = await lockPath(t);
    const release = await holdBuildLock(path, options);
    t.after(release);
    const leave = await holdBuildLock(path, { ...options, isDone: () => true });
    await leave();
    await stat(path);
  });

  test("waits no longer than its signal allows", async (t) => {
    const path = await lockPath(t);
    t.after(await holdBuildLock(path, options));
    await assert.rejects(
      holdBuildLock(path, { ...options, signal: AbortSignal.timeout(50) }),
      { name: "AbortError" },
    );
  });
});
