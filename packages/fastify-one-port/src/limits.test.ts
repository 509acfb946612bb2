import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { elapsedMs, startApp } from "./app.test.fixture.js";
import {
  connect2,
  connectRaw,
  request1,
  request2,
} from "./clients.test.fixture.js";
import { createOnePort } from "./index.js";

suite("createOnePort() with options out of range", () => {
  for (const [options, message] of [
    [
      { prefaceTimeoutMs: -1 },
      "prefaceTimeoutMs must be a whole number from 0 to 2147483647, got -1",
    ],
    [
      { shutdownGraceMs: Number.POSITIVE_INFINITY },
      "shutdownGraceMs must be a whole number from 0 to 2147483647, got Infinity",
    ],
    [
      { maxConcurrentStreams: 0 },
      "maxConcurrentStreams must be a whole number from 1 to 4294967295, got 0",
    ],
    [
      { maxConnections: Number.NaN },
      "maxConnections must be a whole number from 1 to 9007199254740991, got NaN",
    ],
    [
      { requestTimeoutMs: 10, headersTimeoutMs: 11 },
      "headersTimeoutMs must not be more than requestTimeoutMs (10), got 11",
    ],
  ] as const) {
    test(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => createOnePort(options), {
        name: "RangeError",
        message,
      });
    });
  }
});

suite("createOnePort({ maxHeaderSizeBytes })", () => {
  const headers = { "x-large": "a".repeat(3_000) };

  test("answers 431 to larger headers over HTTP/1.1", async (t) => {
    const { port } = await startApp(t, { maxHeaderSizeBytes: 2_000 });
    const { status } = await request1(port, "/", { headers });
    assert.equal(status, 431);
  });

  test("resets a stream with larger headers over HTTP/2", async (t) => {
    const { port } = await startApp(t, { maxHeaderSizeBytes: 2_000 });
    const session = connect2(t, port);
    await request2(session, "/");
    await assert.rejects(request2(session, "/", { headers }), {
      message: /NGHTTP2_ENHANCE_YOUR_CALM/,
    });
    const { status } = await request2(session, "/");
    assert.equal(status, 200);
  });

  test("takes headers up to it over both", async (t) => {
    const { port } = await startApp(t, { maxHeaderSizeBytes: 4_000 });
    const session = connect2(t, port);
    await request2(session, "/");
    for (const answer of [
      await request1(port, "/", { headers }),
      await request2(session, "/", { headers }),
    ]) {
      assert.equal(answer.status, 200);
    }
  });
});

suite("createOnePort({ maxConcurrentStreams })", () => {
  test("tells the client, which then waits", async (t) => {
    const { port, waiting, release } = await startApp(t, {
      maxConcurrentStreams: 2,
    });
    const session = connect2(t, port);
    await request2(session, "/");
    assert.equal(session.remoteSettings.maxConcurrentStreams, 2);
    const held = [request2(session, "/hold"), request2(session, "/hold")];
    await waitFor("two calls", () => waiting() === 2);
    let answered = false;
    const third = request2(session, "/").then(() => {
      answered = true;
    });
    await request1(port, "/");
    assert.equal(answered, false);
    release();
    await Promise.all([...held, third]);
  });
});

suite("createOnePort({ maxConnections })", () => {
  test("closes one more connection at once, on any listener", async (t) => {
    const { port, onePort } = await startApp(t, { maxConnections: 2 });
    const alias = await onePort.listen({ port: 0, host: "127.0.0.1" });
    const session = connect2(t, port);
    await request2(session, "/");
    const second = await connectRaw(t, alias.port);
    for (const listening of [port, alias.port]) {
      const { closed } = await connectRaw(t, listening);
      await elapsedMs(closed);
    }
    second.socket.destroy();
    await waitFor("a free connection", async () => {
      const { status } = await request1(alias.port, "/");
      return status === 200;
    });
  });
});
