import assert from "node:assert/strict";
import { once } from "node:events";
import type { ClientHttp2Session, ServerHttp2Stream } from "node:http2";
import { suite, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { elapsedMs, noConnections, startApp } from "./app.test.fixture.js";
import {
  connect2,
  connectRaw,
  frames,
  request2,
} from "./clients.test.fixture.js";

/** The error code of the GOAWAY that a session gets before it closes. */
async function goawayOf(session: ClientHttp2Session): Promise<number> {
  let code = -1;
  session.once("goaway", (errorCode) => {
    code = errorCode;
  });
  await elapsedMs(once(session, "close"));
  return code;
}

suite("createOnePort() under HTTP/2", () => {
  test("hears the end of a request that comes with its headers", async (t) => {
    const { port } = await startApp(t);
    const session = connect2(t, port);
    const stream = session.request({ ":path": "/chat", ":method": "POST" });
    stream.end();
    stream.resume();
    await elapsedMs(once(stream, "close"));
    assert.equal(stream.rstCode, 0);
  });

  test("has no timer left of a session that has ended", async (t) => {
    const { port } = await startApp(t);
    const timers = () =>
      process.getActiveResourcesInfo().filter((name) => name === "Timeout")
        .length;
    const before = timers();
    for (let index = 0; index < 10; index++) {
      const session = connect2(t, port);
      await request2(session, "/");
      session.destroy();
    }
    await waitFor("the timers to go", () => timers() <= before + 2);
  });
});

suite("createOnePort({ sessionIdleTimeoutMs })", () => {
  test("ends an idle session by GOAWAY", async (t) => {
    const { port } = await startApp(t, { sessionIdleTimeoutMs: 100 });
    const session = connect2(t, port);
    await request2(session, "/");
    assert.equal(await goawayOf(session), 0);
  });

  test("ends a session that never had a stream", async (t) => {
    const { port } = await startApp(t, { sessionIdleTimeoutMs: 100 });
    assert.equal(await goawayOf(connect2(t, port)), 0);
  });

  for (const how of ["answered", "reset"] as const) {
    test(`keeps a session until its last stream is ${how}`, async (t) => {
      const { port, waiting, release } = await startApp(t, {
        sessionIdleTimeoutMs: 50,
      });
      const busy = connect2(t, port);
      const stream = busy.request({ ":path": "/hold" });
      stream.on("error", () => {});
      stream.resume();
      await waitFor("the call", () => waiting() === 1);
      await goawayOf(connect2(t, port));
      await goawayOf(connect2(t, port));
      assert.equal(busy.closed, false);
      const goaway = goawayOf(busy);
      if (how === "answered") {
        release();
      } else {
        stream.close(8);
      }
      assert.equal(await goaway, 0);
    });
  }

  test("ends a session whose streams were all reset at once", async (t) => {
    const { port } = await startApp(t, { sessionIdleTimeoutMs: 100 });
    const session = connect2(t, port);
    await once(session, "remoteSettings");
    for (let index = 0; index < 20; index++) {
      const stream = session.request({ ":path": "/hold" });
      stream.on("error", () => {});
      stream.close(8);
    }
    assert.equal(await goawayOf(session), 0);
  });

  test("keeps a session that pings", async (t) => {
    const { port } = await startApp(t, { sessionIdleTimeoutMs: 500 });
    const pinging = connect2(t, port);
    await once(pinging, "connect");
    const timer = setInterval(() => {
      // It is destroyed a moment before it says "close", and then throws.
      if (!pinging.destroyed) {
        pinging.ping(() => {});
      }
    }, 20);
    pinging.once("close", () => clearInterval(timer));
    await goawayOf(connect2(t, port));
    await goawayOf(connect2(t, port));
    assert.equal(pinging.closed, false);
  });

  test("destroys a connection whose client does not close its end", async (t) => {
    const server = await startApp(t, {
      sessionIdleTimeoutMs: 50,
      shutdownGraceMs: 50,
    });
    const { socket } = await connectRaw(t, server.port, {
      allowHalfOpen: true,
    });
    socket.write(Buffer.concat([frames.preface, frames.settings]));
    await elapsedMs(once(socket, "end"));
    await noConnections(server);
  });

  test("destroys a connection whose client leaves ended calls unread", async (t) => {
    const server = await startApp(t, {
      sessionIdleTimeoutMs: 50,
      shutdownGraceMs: 50,
    });
    const called = once(server.onePort.http2, "stream");
    const { socket } = await connectRaw(t, server.port);
    socket.pause();
    const { preface, wideSettings, wideWindow, getLarge } = frames;
    socket.write(Buffer.concat([preface, wideSettings, wideWindow, getLarge]));
    // Node emits a stream with this event.
    const [stream] = (await called) as [ServerHttp2Stream];
    await waitFor("the response", () => {
      return (stream.session?.socket.bytesWritten ?? 0) > 2 ** 20;
    });
    stream.destroy();
    await noConnections(server);
  });
});

suite("an HTTP/2 session of a one port", () => {
  test("goes on while a large response waits for the client", async (t) => {
    const { port } = await startApp(t);
    let received = 0;
    const session = connect2(t, port);
    await request2(session, "/");
    const slow = session.request({ ":path": "/large" });
    t.after(() => slow.destroy());
    slow.pause();
    await once(slow, "response");
    for (let index = 0; index < 20; index++) {
      const { status } = await request2(session, "/");
      assert.equal(status, 200);
    }
    slow.on("data", (chunk) => {
      received += chunk.length;
    });
    slow.resume();
    await elapsedMs(once(slow, "end"));
    assert.equal(received, 16 * 2 ** 20);
  });

  test("does not wait for a client that says GOAWAY and then nothing", async (t) => {
    const server = await startApp(t, { shutdownGraceMs: 50 });
    const { socket } = await connectRaw(t, server.port, {
      allowHalfOpen: true,
    });
    const { preface, settings, goaway } = frames;
    socket.write(Buffer.concat([preface, settings, goaway]));
    await elapsedMs(once(socket, "end"));
    await noConnections(server);
  });

  test("lets a client leave by FIN alone", async (t) => {
    const { app, port } = await startApp(t);
    const { socket, closed } = await connectRaw(t, port, {
      allowHalfOpen: true,
    });
    socket.write(Buffer.concat([frames.preface, frames.settings, frames.get]));
    await once(socket, "data");
    socket.end();
    await elapsedMs(closed);
    assert.ok((await elapsedMs(app.close())) < 2_000);
  });
});
