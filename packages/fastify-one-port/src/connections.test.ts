import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { suite, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { elapsedMs, noConnections, startApp } from "./app.test.fixture.js";
import {
  connect2,
  connectRaw,
  frames,
  request1,
  request2,
} from "./clients.test.fixture.js";

suite("the connections of a one port", () => {
  test("carry 16 MiB both ways over HTTP/1.1 and HTTP/2", async (t) => {
    const { port } = await startApp(t);
    const body = randomBytes(16 * 2 ** 20);
    const headers = { "content-type": "application/octet-stream" };
    const session = connect2(t, port);
    const answers = await Promise.all([
      request1(port, "/echo", { method: "POST", headers, body }),
      request2(session, "/echo", {
        headers: { ":method": "POST", ...headers },
        body,
      }),
    ]);
    for (const answer of answers) {
      assert.equal(answer.status, 200);
      assert.ok(answer.body.equals(body));
    }
  });

  test("carry both directions of an HTTP/2 stream at once", async (t) => {
    const { port } = await startApp(t);
    const session = connect2(t, port);
    const stream = session.request({ ":path": "/chat", ":method": "POST" });
    stream.setEncoding("utf8");
    for (let index = 0; index < 100; index++) {
      stream.write(`message ${index}`);
      const [echo] = await once(stream, "data");
      assert.equal(echo, `message ${index}`);
    }
    stream.end();
    stream.resume();
    await elapsedMs(once(stream, "close"));
    assert.equal(stream.rstCode, 0);
  });

  test("survive clients that reset in the middle of calls", async (t) => {
    const server = await startApp(t);
    const { port, waiting, release } = server;
    for (let round = 1; round <= 10; round++) {
      const raw1 = await connectRaw(t, port);
      raw1.socket.write("GET /hold HTTP/1.1\r\nhost: x\r\n\r\n");
      const uploading = request({
        port,
        host: "127.0.0.1",
        path: "/echo",
        method: "POST",
        headers: { "content-length": 1e6 },
      });
      uploading.on("error", () => {});
      uploading.write(Buffer.alloc(1e5));
      const session = connect2(t, port);
      const held = session.request({ ":path": "/hold" });
      held.on("error", () => {});
      const cancelled = session.request({ ":path": "/hold" });
      cancelled.on("error", () => {});
      await waitFor("the calls", () => waiting() === round * 3);
      raw1.socket.resetAndDestroy();
      uploading.destroy();
      cancelled.close(8);
      session.destroy();
    }
    const undecided = await connectRaw(t, port);
    undecided.socket.write("PR");
    undecided.socket.resetAndDestroy();
    release();
    await noConnections(server);
    const { status } = await request1(port, "/");
    assert.equal(status, 200);
  });

  test("leave no socket behind after 1,000 were dropped", async (t) => {
    const server = await startApp(t);
    const { port } = server;
    const sayings = [
      "",
      "P",
      "GET / HTTP/1.1\r\nhost: x\r\n",
      "GET /hold HTTP/1.1\r\nhost: x\r\n\r\n",
      Buffer.concat([frames.preface, frames.settings, frames.get]),
    ];
    const openSockets = () =>
      process.getActiveResourcesInfo().filter((name) => /TCPSocket/.test(name))
        .length;
    for (let round = 0; round < 10; round++) {
      const connections = await Promise.all(
        Array.from({ length: 100 }, () => connectRaw(t, port)),
      );
      for (const [index, { socket }] of connections.entries()) {
        socket.write(sayings[index % sayings.length] ?? "");
        if (index % 2 === 0) {
          socket.destroy();
        } else if (index % 3 === 0) {
          socket.resetAndDestroy();
        } else {
          socket.destroySoon();
        }
      }
    }
    await noConnections(server);
    await waitFor("no socket", () => openSockets() === 0);
    assert.ok((await elapsedMs(server.app.close())) < 1_000);
  });
});
