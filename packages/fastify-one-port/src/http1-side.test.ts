import assert from "node:assert/strict";
import { Agent } from "node:http";
import { suite, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { elapsedMs, startApp } from "./app.test.fixture.js";
import { connectRaw, request1 } from "./clients.test.fixture.js";

suite("createOnePort({ headersTimeoutMs })", () => {
  test("answers 408 to stalled headers and closes", async (t) => {
    const { port } = await startApp(t, { headersTimeoutMs: 100 });
    const { socket, received, closed } = await connectRaw(t, port);
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n");
    const ms = await elapsedMs(closed);
    assert.match(received().toString(), /^HTTP\/1\.1 408 Request Timeout\r\n/);
    assert.ok(ms < 5_000, `took ${ms} ms`);
  });

  test("holds for headers that drip, and for the second request", async (t) => {
    const { port } = await startApp(t, { headersTimeoutMs: 100 });
    const { socket, received, closed } = await connectRaw(t, port);
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nx: ");
    const drip = setInterval(() => socket.write("a"), 10);
    t.after(() => clearInterval(drip));
    await elapsedMs(closed);
    assert.match(received().toString(), /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(received().toString(), /HTTP\/1\.1 408 Request Timeout\r\n/);
  });
});

suite("createOnePort({ requestTimeoutMs })", () => {
  test("answers 408 to a stalled body and closes", async (t) => {
    const { port } = await startApp(t, { requestTimeoutMs: 100 });
    const { socket, received, closed } = await connectRaw(t, port);
    socket.write(
      "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n1",
    );
    const ms = await elapsedMs(closed);
    assert.match(received().toString(), /^HTTP\/1\.1 408 Request Timeout\r\n/);
    assert.ok(ms < 5_000, `took ${ms} ms`);
  });

  test("does not limit how long the answer takes", async (t) => {
    // Time enough to ask on a busy machine.
    const { port, release } = await startApp(t, { requestTimeoutMs: 500 });
    const answer = request1(port, "/hold");
    const { socket, closed } = await connectRaw(t, port);
    socket.write(
      "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n1",
    );
    await elapsedMs(closed);
    release();
    const { status, body } = await answer;
    assert.equal(status, 200);
    assert.equal(body.length, 2 ** 20);
  });
});

suite("createOnePort({ keepAliveTimeoutMs })", () => {
  test("keeps a connection for the next request", async (t) => {
    const { port } = await startApp(t);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    for (let index = 0; index < 3; index++) {
      const { headers } = await request1(port, "/", { agent });
      assert.equal(headers["keep-alive"], "timeout=72");
    }
    const sockets = Object.values(agent.freeSockets).flat();
    assert.equal(sockets.length, 1);
  });

  test("closes a connection without a request", async (t) => {
    const { port } = await startApp(t, { keepAliveTimeoutMs: 50 });
    const { socket, received, closed } = await connectRaw(t, port);
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await waitFor("the answer", () => received().includes('{"version":"1.1"}'));
    const ms = await elapsedMs(closed);
    assert.ok(ms < 5_000, `took ${ms} ms`);
  });
});
