import assert from "node:assert/strict";
import { createServer } from "node:http";
import { suite, type TestContext, test } from "node:test";
import { waitUntilReady } from "./readiness.js";

/** Answers these bodies one after the other, and the last from then on. */
async function serve(t: TestContext, bodies: readonly object[]) {
  const left = [...bodies];
  const server = createServer((_, response) => {
    const body = left.length > 1 ? left.shift() : left[0];
    response.setHeader("connection", "close");
    response.end(JSON.stringify(body));
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return `http://127.0.0.1:${port}/readyz`;
}

const degraded = { status: "degraded", reasons: ["edge: not reached yet"] };

suite("waitUntilReady()", { timeout: 20_000 }, () => {
  const { signal } = new AbortController();

  test("waits for a degraded process to get ready", async (t) => {
    const said: string[] = [];
    const readyUrl = await serve(t, [
      { status: "starting" },
      degraded,
      { status: "ready" },
    ]);
    const states = await waitUntilReady([{ name: "edge-worker", readyUrl }], {
      signal,
      onProgress: (text) => said.push(text),
    });
    assert.deepEqual(states.get("edge-worker"), { status: "ready" });
    assert.deepEqual(said, ["edge-worker is ready"]);
  });

  test("takes a process that stays degraded as it is", async (t) => {
    const said: string[] = [];
    const readyUrl = await serve(t, [degraded]);
    const states = await waitUntilReady([{ name: "edge", readyUrl }], {
      signal,
      onProgress: (text) => said.push(text),
      degradedGraceMs: 200,
    });
    assert.deepEqual(states.get("edge"), degraded);
    assert.deepEqual(said, []);
  });

  test("ends with the reason of its signal", async (t) => {
    const readyUrl = await serve(t, [{ status: "starting" }]);
    const reason = new Error("told to end");
    const wait = waitUntilReady([{ name: "edge", readyUrl }], {
      signal: AbortSignal.abort(reason),
      onProgress: () => {},
    });
    await assert.rejects(wait, reason);
  });
});
