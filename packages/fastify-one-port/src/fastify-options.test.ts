import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fastify } from "fastify";
import { elapsedMs, startApp } from "./app.test.fixture.js";
import { connectRaw } from "./clients.test.fixture.js";
import { createOnePort } from "./index.js";

suite("fastify({ serverFactory, … })", () => {
  test("refuses options that choose another server", () => {
    const { serverFactory } = createOnePort();
    assert.throws(
      () => fastify({ serverFactory, http: { keepAlive: true } }),
      /fastify's option http does not go with a one port/,
    );
    // The types refuse these two already.
    for (const name of ["https", "http2"]) {
      assert.throws(
        () => serverFactory(() => {}, { [name]: {} }),
        new RegExp(`fastify's option ${name} does not go with a one port`),
      );
    }
  });

  test("takes fastify's own timeouts where the one port is given none", async (t) => {
    const { onePort } = await startApp(
      t,
      {},
      {
        keepAliveTimeout: 1_234,
        requestTimeout: 5_678,
        connectionTimeout: 4_321,
        maxRequestsPerSocket: 7,
      },
    );
    assert.equal(onePort.http1.keepAliveTimeout, 1_234);
    assert.equal(onePort.http1.requestTimeout, 5_678);
    assert.equal(onePort.http1.headersTimeout, 5_678);
    assert.equal(onePort.http1.timeout, 4_321);
    assert.equal(onePort.http1.maxRequestsPerSocket, 7);
  });

  test("prefers the one port's options", async (t) => {
    const { onePort } = await startApp(
      t,
      { keepAliveTimeoutMs: 10, requestTimeoutMs: 0 },
      { keepAliveTimeout: 1_234, requestTimeout: 5_678 },
    );
    assert.equal(onePort.http1.keepAliveTimeout, 10);
    assert.equal(onePort.http1.requestTimeout, 0);
    assert.equal(onePort.http1.headersTimeout, 60_000);
  });

  test("cuts a connection at fastify's connectionTimeout", async (t) => {
    const { port } = await startApp(t, {}, { connectionTimeout: 50 });
    const { socket, closed } = await connectRaw(t, port);
    socket.write("GET /hold HTTP/1.1\r\nhost: x\r\n\r\n");
    await elapsedMs(closed);
  });
});
