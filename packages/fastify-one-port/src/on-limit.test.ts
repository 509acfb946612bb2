import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { elapsedMs, startApp } from "./app.test.fixture.js";
import { connect2, connectRaw, request2 } from "./clients.test.fixture.js";
import type { OnePortOptions, ReachedLimit } from "./index.js";

/** Starts an app and notes the limits that are reached. */
async function useLimits(t: TestContext, options: OnePortOptions) {
  const reached: ReachedLimit[] = [];
  const onLimit = (limit: ReachedLimit) => reached.push(limit);
  const server = await startApp(t, { ...options, onLimit });
  return { ...server, reached };
}

suite("createOnePort({ onLimit })", () => {
  test("is told of a connection too many", async (t) => {
    const { port, onePort, reached } = await useLimits(t, {
      maxConnections: 1,
    });
    const session = connect2(t, port);
    await request2(session, "/");
    assert.equal(onePort.connectionCount, 1);
    await elapsedMs((await connectRaw(t, port)).closed);
    assert.deepEqual(reached, ["maxConnections"]);
    session.destroy();
    await waitFor("no connection", () => onePort.connectionCount === 0);
  });

  test("is told of prefaces that do not come, at both steps", async (t) => {
    const { port, reached } = await useLimits(t, { prefaceTimeoutMs: 50 });
    await elapsedMs((await connectRaw(t, port)).closed);
    assert.deepEqual(reached, ["prefaceTimeoutMs"]);
    const half = await connectRaw(t, port);
    half.socket.write("PRI * HTTP/2.0\r\n");
    await elapsedMs(half.closed);
    assert.deepEqual(reached, ["prefaceTimeoutMs", "prefaceTimeoutMs"]);
  });

  test("is told of idle connections of both protocols", async (t) => {
    const { port, reached } = await useLimits(t, {
      keepAliveTimeoutMs: 50,
      sessionIdleTimeoutMs: 50,
    });
    const raw = await connectRaw(t, port);
    raw.socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await elapsedMs(raw.closed);
    assert.deepEqual(reached, ["keepAliveTimeoutMs"]);
    const session = connect2(t, port);
    await elapsedMs(new Promise((resolve) => session.once("close", resolve)));
    assert.deepEqual(reached, ["keepAliveTimeoutMs", "sessionIdleTimeoutMs"]);
  });

  test("is not told of connections that their clients close", async (t) => {
    const { port, onePort, reached } = await useLimits(t, {});
    for (const said of ["", "PR", "PRI * HTTP/2.0\r\n"]) {
      const { socket } = await connectRaw(t, port);
      socket.end(said);
    }
    const session = connect2(t, port);
    await request2(session, "/");
    session.close();
    await waitFor("no connection", () => onePort.connectionCount === 0);
    assert.deepEqual(reached, []);
  });
});
