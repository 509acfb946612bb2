import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { suite, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import {
  elapsedMs,
  noConnections,
  startApp,
  type TestApp,
} from "./app.test.fixture.js";
import { connectRaw, frames } from "./clients.test.fixture.js";

/** Sends the parts each as a packet of its own, and waits for a text. */
async function sendInParts(
  t: Parameters<typeof connectRaw>[0],
  { app, port }: TestApp,
  parts: readonly Buffer[],
  expected: string,
): Promise<void> {
  const accepted = once(app.server, "connection");
  const { socket, received } = await connectRaw(t, port);
  socket.setNoDelay();
  // Node emits a socket with this event.
  const [peer] = (await accepted) as [Socket];
  let sent = 0;
  for (const part of parts) {
    socket.write(part);
    sent += part.length;
    await waitFor("the part to arrive", () => peer.bytesRead >= sent, {
      intervalMs: 1,
    });
  }
  await waitFor(expected, () => received().includes(expected), {
    intervalMs: 1,
    timeoutMs: 2_000,
  });
  socket.destroy();
}

function splitEverywhere(bytes: Buffer): Buffer[][] {
  return Array.from({ length: bytes.length - 1 }, (_, index) => [
    bytes.subarray(0, index + 1),
    bytes.subarray(index + 1),
  ]);
}

const http2Request = Buffer.concat([
  frames.preface,
  frames.settings,
  frames.get,
]);
const http1Request = Buffer.from(
  "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n",
);

suite("readFirstBytes()", () => {
  test("takes an HTTP/2 preface split in two anywhere", async (t) => {
    const server = await startApp(t);
    for (const parts of splitEverywhere(http2Request)) {
      await sendInParts(t, server, parts, '{"version":"2.0"}');
    }
  });

  test("takes an HTTP/2 preface byte by byte", async (t) => {
    const server = await startApp(t);
    const bytes = [...http2Request].map((byte) => Buffer.of(byte));
    await sendInParts(t, server, bytes, '{"version":"2.0"}');
  });

  test("takes an HTTP/1.1 request split in two anywhere", async (t) => {
    const server = await startApp(t);
    for (const parts of splitEverywhere(http1Request)) {
      await sendInParts(t, server, parts, '{"version":"1.1"}');
    }
  });

  test("takes a method that begins like the preface for HTTP/1.1", async (t) => {
    const server = await startApp(t);
    const request = Buffer.from("PROPFIND / HTTP/1.1\r\nhost: x\r\n\r\n");
    for (const parts of splitEverywhere(request.subarray(0, 5))) {
      const rest = request.subarray(5);
      await sendInParts(t, server, [...parts, rest], "404 Not Found");
    }
  });

  test("uses no processor time on a connection that has not decided", async (t) => {
    const server = await startApp(t);
    const { socket } = await connectRaw(t, server.port);
    const accepted = once(server.app.server, "connection");
    await connectRaw(t, server.port);
    await accepted;
    socket.write("PR");
    const before = performance.eventLoopUtilization();
    await waitFor(
      "100 ms",
      () => {
        const { idle, active } = performance.eventLoopUtilization(before);
        return idle + active > 100;
      },
      { intervalMs: 50 },
    );
    const { utilization } = performance.eventLoopUtilization(before);
    assert.ok(utilization < 0.5, `utilization is ${utilization}`);
  });

  test("answers garbage with 400 and closes", async (t) => {
    const { port } = await startApp(t);
    for (const garbage of [
      "\u0000\u0001\u0002",
      "PRINT / HTTP/1.1",
      "hello\r\n",
    ]) {
      const { socket, received, closed } = await connectRaw(t, port);
      socket.write(garbage);
      await elapsedMs(closed);
      assert.match(received().toString(), /^HTTP\/1\.1 400 Bad Request\r\n/);
    }
  });

  test("closes a connection whose HTTP/2 preface goes wrong", async (t) => {
    const { port } = await startApp(t);
    const { socket, closed } = await connectRaw(t, port);
    socket.write("PRI * HTTP/3.0\r\n\r\nSM\r\n\r\n");
    await elapsedMs(closed);
  });
});

suite("createOnePort({ prefaceTimeoutMs })", () => {
  for (const [what, bytes] of [
    ["nothing", ""],
    ["one byte", "P"],
    ["too few bytes to decide", "PRI"],
    ["half an HTTP/2 preface", "PRI * HTT"],
    ["an HTTP/2 preface without SETTINGS", frames.preface],
  ] as const) {
    test(`cuts a connection that says ${what}`, async (t) => {
      const { port } = await startApp(t, { prefaceTimeoutMs: 100 });
      // From before the server's timer begins.
      const start = performance.now();
      const { socket, closed } = await connectRaw(t, port);
      socket.write(bytes);
      await elapsedMs(closed);
      const ms = performance.now() - start;
      assert.ok(ms > 50 && ms < 5_000, `took ${ms} ms`);
    });
  }

  test("does not wait for a client that leaves undecided", async (t) => {
    const server = await startApp(t);
    for (const bytes of ["", "PR"]) {
      const { socket, closed } = await connectRaw(t, server.port);
      socket.end(bytes);
      await elapsedMs(closed);
    }
    await noConnections(server);
  });

  test("holds no connection that has spoken in time", async (t) => {
    // Time enough to speak on a busy machine.
    const { port } = await startApp(t, { prefaceTimeoutMs: 1_000 });
    const { socket, received } = await connectRaw(t, port);
    const session = await connectRaw(t, port);
    const begin = Buffer.concat([frames.preface, frames.settings]);
    session.socket.write(Buffer.concat([begin, frames.settingsAck]));
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n");
    const silent = await connectRaw(t, port);
    const unheard = await connectRaw(t, port);
    unheard.socket.write(begin);
    await elapsedMs(Promise.all([silent.closed, unheard.closed]));
    socket.write("\r\n");
    session.socket.write(frames.get);
    await waitFor("both answers", () => {
      return (
        received().includes('{"version":"1.1"}') &&
        session.received().includes('{"version":"2.0"}')
      );
    });
  });
});
