import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { suite, type TestContext, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { fastify } from "fastify";
import { elapsedMs, startApp } from "./app.test.fixture.js";
import {
  connect2,
  connectRaw,
  frames,
  request1,
  request2,
} from "./clients.test.fixture.js";
import { createOnePort } from "./index.js";

async function refuses(t: TestContext, port: number): Promise<boolean> {
  return await connectRaw(t, port).then(
    () => false,
    ({ code }) => code === "ECONNREFUSED",
  );
}

const local = { port: 0, host: "127.0.0.1" };

suite("onePort.listen()", () => {
  test("answers both protocols on a further port", async (t) => {
    const { port, onePort } = await startApp(t);
    const alias = await onePort.listen(local);
    assert.notEqual(alias.port, port);
    const session = connect2(t, alias.port);
    for (const answer of [
      await request1(alias.port, "/"),
      await request2(session, "/"),
      await request1(port, "/"),
    ]) {
      assert.equal(answer.status, 200);
    }
  });

  test("holds connections to the same limits", async (t) => {
    const { onePort } = await startApp(t, {
      prefaceTimeoutMs: 50,
      headersTimeoutMs: 50,
    });
    const alias = await onePort.listen(local);
    const silent = await connectRaw(t, alias.port);
    const stalled = await connectRaw(t, alias.port);
    stalled.socket.write("GET /");
    await elapsedMs(Promise.all([silent.closed, stalled.closed]));
    assert.match(stalled.received().toString(), /^HTTP\/1\.1 408 /);
  });

  test("rejects for a port that is taken, and then still works", async (t) => {
    const { app, port, onePort } = await startApp(t);
    await assert.rejects(onePort.listen({ ...local, port }), {
      code: "EADDRINUSE",
    });
    const alias = await onePort.listen(local);
    const { status } = await request1(alias.port, "/");
    assert.equal(status, 200);
    assert.ok((await elapsedMs(app.close())) < 1_000);
  });

  test("closes with the app", async (t) => {
    const { app, onePort } = await startApp(t);
    const alias = await onePort.listen(local);
    const idle = connect2(t, alias.port);
    await request2(idle, "/");
    const silent = await connectRaw(t, alias.port);
    assert.ok((await elapsedMs(app.close())) < 1_000);
    await elapsedMs(silent.closed);
    await assert.rejects(connectRaw(t, alias.port), { code: "ECONNREFUSED" });
  });

  test("rejects before the app listens", async (t) => {
    const onePort = createOnePort();
    const app = fastify({ serverFactory: onePort.serverFactory });
    t.after(() => app.close());
    await assert.rejects(onePort.listen({ port: 7, host: "127.0.0.1" }), {
      message: "cannot listen on 127.0.0.1:7: the app does not listen yet",
    });
  });

  test("rejects when the app has closed", async (t) => {
    const { app, onePort } = await startApp(t);
    await app.close();
    await assert.rejects(onePort.listen({ port: 7, host: "127.0.0.1" }), {
      message: "cannot listen on 127.0.0.1:7: the app is closing",
    });
  });

  for (const host of ["127.0.0.1", "localhost"]) {
    test(`rejects when the app closes meanwhile, on ${host}`, async (t) => {
      const { app, onePort } = await startApp(t);
      const listening = onePort.listen({ port: 0, host });
      const closed = new Promise<void>((resolve) =>
        onePort.http1.close(() => resolve()),
      );
      await assert.rejects(listening, { message: /the app is closing/ });
      await elapsedMs(closed);
      await elapsedMs(app.close());
      await waitFor("no server", () => {
        return !process.getActiveResourcesInfo().includes("TCPServerWrap");
      });
    });
  }
});

suite("app.close()", () => {
  test("ends idle and silent connections at once", async (t) => {
    const { app, port } = await startApp(t, { shutdownGraceMs: 60_000 });
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    await request1(port, "/", { agent });
    const session = connect2(t, port);
    await request2(session, "/");
    const goaway = once(session, "goaway");
    const undecided = await connectRaw(t, port);
    undecided.socket.write("PR");
    const unsettled = await connectRaw(t, port, { allowHalfOpen: true });
    unsettled.socket.write(frames.preface);
    const unsettledEnd = once(unsettled.socket, "end");
    const silent = await connectRaw(t, port);
    await request1(port, "/");

    // Half a second in which a connection may send its last request.
    const ms = await elapsedMs(app.close());
    assert.ok(ms < 3_000, `took ${ms} ms`);
    assert.equal((await goaway)[0], 0);
    await elapsedMs(
      Promise.all([undecided.closed, unsettledEnd, silent.closed]),
    );
  });

  test("lets calls in progress finish and takes no new connection", async (t) => {
    const { app, port, waiting, release } = await startApp(t, {
      shutdownGraceMs: 8_000,
    });
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const session = connect2(t, port);
    const answers = [
      request1(port, "/hold", { agent }),
      request1(port, "/trickle", { agent }),
      request2(session, "/hold"),
      request2(session, "/trickle"),
    ];
    await waitFor("the calls", () => waiting() === answers.length);
    const closed = elapsedMs(app.close());
    await waitFor("a refusal", () => refuses(t, port));
    // The last that the client sends before it knows is not refused.
    if (!session.closed) {
      assert.equal((await request2(session, "/")).status, 503);
    }
    await waitFor("GOAWAY", () => session.closed);
    await assert.rejects(request2(session, "/"));
    release();
    const [hold1, trickle1, hold2, trickle2] = await Promise.all(answers);
    assert.equal(hold1?.headers.connection, "close");
    for (const hold of [hold1, hold2]) {
      assert.equal(hold?.body.length, 2 ** 20);
    }
    for (const trickle of [trickle1, trickle2]) {
      assert.equal(trickle?.body.toString(), "first last");
    }
    const ms = await closed;
    assert.ok(ms < 5_000, `took ${ms} ms`);
  });

  test("answers the first request of a connection made just before", async (t) => {
    const { app, port } = await startApp(t, { shutdownGraceMs: 60_000 });
    const one = await connectRaw(t, port);
    const two = await connectRaw(t, port);
    const closed = elapsedMs(app.close());
    await waitFor("a refusal", () => refuses(t, port));
    one.socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    two.socket.write(Buffer.concat([frames.preface, frames.settings]));
    await elapsedMs(one.closed);
    assert.match(one.received().toString(), /^HTTP\/1\.1 503 /);
    assert.ok((await closed) < 5_000);
    await elapsedMs(two.closed);
  });

  test("lets a client finish its request after the last answer", async (t) => {
    const { app, port } = await startApp(t, { shutdownGraceMs: 60_000 });
    const { socket, received, closed } = await connectRaw(t, port, {
      allowHalfOpen: true,
    });
    const errors: unknown[] = [];
    socket.on("error", (error) => errors.push(error));
    const appClosed = elapsedMs(app.close());
    await waitFor("a refusal", () => refuses(t, port));
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 20\r\n\r\n");
    const end = once(socket, "end");
    await elapsedMs(end);
    for (const part of ["0123456789", "abcdefghij"]) {
      await new Promise<void>((resolve, reject) =>
        socket.write(part, (error) => (error ? reject(error) : resolve())),
      );
    }
    socket.end();
    await elapsedMs(closed);
    assert.match(received().toString(), /^HTTP\/1\.1 503 .*\}$/s);
    assert.deepEqual(errors, []);
    assert.ok((await appClosed) < 2_000);
  });

  test("does not wait for a client that never closes", async (t) => {
    const { app, port } = await startApp(t, { shutdownGraceMs: 60_000 });
    const deaf2 = await connectRaw(t, port, { allowHalfOpen: true });
    deaf2.socket.write(Buffer.concat([frames.preface, frames.settings]));
    const deaf1 = await connectRaw(t, port, { allowHalfOpen: true });
    await waitFor("SETTINGS", () => deaf2.received().length > 0);
    const closed = elapsedMs(app.close());
    await waitFor("a refusal", () => refuses(t, port));
    deaf1.socket.write(
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 20\r\n\r\n",
    );
    assert.ok((await closed) < 6_000);
  });

  test("lets a client finish that is slow to take its answer", async (t) => {
    const { app, port } = await startApp(t, { shutdownGraceMs: 8_000 });
    const windowBytes = 32 * 2 ** 20;
    const session = connect2(t, port, {
      settings: { initialWindowSize: windowBytes },
    });
    await request2(session, "/");
    session.setLocalWindowSize(windowBytes);
    const slow2 = session.request({ ":path": "/large" });
    slow2.pause();
    const slow1 = request({ host: "127.0.0.1", port, path: "/large" }).end();
    const [[response1]] = await Promise.all([
      once(slow1, "response"),
      once(slow2, "response"),
    ]);
    await request1(port, "/");
    const closed = elapsedMs(app.close());
    await waitFor("a refusal", () => refuses(t, port));
    for (const body of [response1, slow2]) {
      let received = 0;
      body.on("data", (chunk: Buffer) => {
        received += chunk.length;
      });
      body.resume();
      await elapsedMs(once(body, "end"));
      assert.equal(received, 16 * 2 ** 20);
    }
    assert.ok((await closed) < 5_000);
  });

  test("answers pipelined requests before it ends their connection", async (t) => {
    const { app, port, waiting, release } = await startApp(t, {
      shutdownGraceMs: 8_000,
    });
    const { socket, received, closed } = await connectRaw(t, port);
    socket.write("GET /hold HTTP/1.1\r\nhost: x\r\n\r\n".repeat(2));
    await waitFor("the calls", () => waiting() === 2);
    const appClosed = app.close();
    await waitFor("a refusal", () => refuses(t, port));
    release(1);
    await waitFor("the first answer", () => received().length > 2 ** 20);
    release();
    await elapsedMs(closed);
    await elapsedMs(appClosed);
    const answers = received().toString().split("HTTP/1.1 200 OK\r\n").slice(1);
    assert.deepEqual(
      answers.map((text) => text.match(/^connection: (.*)\r$/im)?.[1]),
      ["keep-alive", "close"],
    );
    assert.ok(answers.every((text) => text.length > 2 ** 20));
  });

  test("cuts at the grace limit what is not finished", async (t) => {
    const { app, port, waiting } = await startApp(t, { shutdownGraceMs: 200 });
    const session = connect2(t, port);
    const calls = [
      request1(port, "/hold"),
      request2(session, "/hold"),
      request2(session, "/trickle"),
    ];
    const outcomes = Promise.allSettled(calls);
    const deaf = await connectRaw(t, port, { allowHalfOpen: true });
    deaf.socket.write(Buffer.concat([frames.preface, frames.settings]));
    const stalled = await connectRaw(t, port);
    stalled.socket.write("GET / HTTP/1.1\r\n");
    await waitFor("the calls", () => waiting() === calls.length);

    const ms = await elapsedMs(app.close());
    assert.ok(ms >= 190 && ms < 2_000, `took ${ms} ms`);
    for (const { status } of await outcomes) {
      assert.equal(status, "rejected");
    }
    await elapsedMs(stalled.closed);
  });

  test("cuts everything at once without a grace", async (t) => {
    const { app, port, waiting } = await startApp(t, { shutdownGraceMs: 0 });
    const outcome = Promise.allSettled([request1(port, "/hold")]);
    await waitFor("the call", () => waiting() === 1);
    assert.ok((await elapsedMs(app.close())) < 1_000);
    assert.equal((await outcome)[0]?.status, "rejected");
  });

  test("cuts everything at once with forceCloseConnections", async (t) => {
    const { app, port, waiting } = await startApp(
      t,
      { shutdownGraceMs: 60_000 },
      { forceCloseConnections: true },
    );
    const session = connect2(t, port);
    const outcomes = Promise.allSettled([
      request1(port, "/hold"),
      request2(session, "/hold"),
    ]);
    await waitFor("the calls", () => waiting() === 2);
    assert.ok((await elapsedMs(app.close())) < 1_000);
    for (const { status } of await outcomes) {
      assert.equal(status, "rejected");
    }
  });

  test("lets an upgraded connection go on until the grace limit", async (t) => {
    const { app, port } = await startApp(t, { shutdownGraceMs: 200 });
    app.server.on("upgrade", (_request, socket) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
      socket.pipe(socket);
    });
    const { socket, received, closed } = await connectRaw(t, port);
    socket.write(
      "GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n",
    );
    await waitFor("the upgrade", () => received().includes("101 Switching"));
    const appClosed = elapsedMs(app.close());
    await waitFor("a refusal", () => refuses(t, port));
    socket.write("still here");
    await waitFor("the echo", () => received().includes("still here"));
    await elapsedMs(closed);
    assert.ok((await appClosed) >= 190);
  });

  test("leaves no timer behind", async (t) => {
    const { app, port } = await startApp(t, { shutdownGraceMs: 60_000 });
    await request2(connect2(t, port), "/");
    await connectRaw(t, port);
    await app.close();
    await waitFor("no timer", () => {
      return !process.getActiveResourcesInfo().includes("Timeout");
    });
  });
});
