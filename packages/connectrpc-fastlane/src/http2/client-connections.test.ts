import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { encodeStaticBlock } from "./block-writer.js";
import { ClientConnections } from "./client-connections.js";
import type { ClientRequest } from "./client-request.js";
import type { ClientStream } from "./client-stream.js";
import { errorCode, frameFlag, frameType, settingId } from "./frame-format.js";
import { goaway, headers, settings, useFramePeer } from "./frame-peer.test.js";
import { frame } from "./frames-fixture.test.js";
import type { KeepAliveSettings } from "./keep-alive.js";

const ok = [":status", "200"];
const get = [":method", "GET", ":scheme", "http", ":path", "/"];

/** A request that writes down what it is told. */
class Recorder implements ClientRequest {
  readonly fields = get;
  readonly body: Uint8Array | undefined;
  stream: ClientStream | undefined;
  bytes = 0;
  trailers: readonly string[] | undefined;
  outcome: "end" | { code: number; reason: unknown } | undefined;

  constructor(body?: Uint8Array) {
    this.body = body;
  }

  onOpen(stream: ClientStream): void {
    this.stream = stream;
  }

  onHeaders(): void {}

  onData(chunk: Uint8Array): void {
    this.bytes += chunk.byteLength;
  }

  onEnd(trailers: readonly string[] | undefined): void {
    this.trailers = trailers;
    this.outcome = "end";
  }

  onClose(code: number, reason: unknown): void {
    this.outcome = { code, reason };
  }

  get over() {
    return waitFor("the request to end", () => this.outcome);
  }

  async failure(): Promise<{ code: number; reason: unknown }> {
    const outcome = await this.over;
    assert.ok(typeof outcome === "object");
    return outcome;
  }
}

async function useClient(
  t: TestContext,
  keepAlive: Partial<KeepAliveSettings> = {},
  greeting = settings(),
) {
  const peer = await useFramePeer(t, greeting);
  const connections = new ClientConnections(peer.origin, keepAlive);
  t.after(() => connections.close());
  const send = (body?: Uint8Array) => {
    const request = new Recorder(body);
    connections.request(request);
    return request;
  };
  return { peer, connections, send };
}

suite("ClientConnections", { timeout: 30_000 }, () => {
  test("refuses the streams that GOAWAY leaves out, and finishes the others", async (t) => {
    const { peer, send } = await useClient(t);
    const [kept, refused] = [send(), send()];
    const first = await peer.connection();
    await first.frame(frameType.headers, 1);
    first.socket.write(goaway(1, errorCode.noError));
    assert.deepEqual(await refused.failure(), {
      code: errorCode.refusedStream,
      reason: undefined,
    });
    const later = send();
    const second = await peer.connection(1);
    await second.frame(frameType.headers);
    second.socket.write(headers(1, ok, true));
    assert.equal(await later.over, "end");
    first.socket.write(headers(1, ok, true));
    assert.equal(await kept.over, "end");
    await waitFor("the first connection to end", () => first.socket.destroyed);
  });

  test("ends all with the code of a GOAWAY that is an error", async (t) => {
    const { peer, send } = await useClient(t);
    const request = send();
    const { socket, frame } = await peer.connection();
    await frame(frameType.headers);
    socket.write(goaway(1, errorCode.internalError));
    const { reason } = await request.failure();
    assert.match(String(reason), /Session closed with error code 2/);
  });

  test("says too_many_pings, and pings half as often", async (t) => {
    const { peer, send } = await useClient(t, { pingIntervalMs: 300 });
    const request = send();
    const { socket, frame } = await peer.connection();
    await frame(frameType.headers);
    socket.write(goaway(1, errorCode.enhanceYourCalm, "too_many_pings"));
    const { reason } = await request.failure();
    assert.match(String(reason), /resource_exhausted.*too_many_pings/);
    send();
    const second = await peer.connection(1);
    await second.frame(frameType.headers);
    const begin = performance.now();
    await second.frame(frameType.ping);
    assert.ok(performance.now() - begin > 500);
  });

  test("keeps requests that find no stream in order, and lets them leave", async (t) => {
    const { peer, connections, send } = await useClient(
      t,
      {},
      settings([settingId.maxConcurrentStreams, 1]),
    );
    const first = send();
    const { socket, frame, frames } = await peer.connection();
    await frame(frameType.headers);
    // Its word on the streams has been read before what comes after it.
    socket.write(headers(1, ok, true));
    assert.equal(await first.over, "end");
    const [second, left, third] = [send(), send(), send()];
    connections.withdraw(left);
    await frame(frameType.headers, 1);
    assert.equal(third.stream, undefined);
    socket.write(headers(3, ok, true));
    await frame(frameType.headers, 2);
    socket.write(headers(5, ok, true));
    assert.equal(await third.over, "end");
    assert.equal(second.outcome, "end");
    assert.equal(left.outcome, undefined);
    assert.deepEqual(
      frames.filter(({ type }) => type === frameType.headers).map((f) => f.id),
      [1, 3, 5],
    );
  });

  test("ends a connection whose ping is not answered", async (t) => {
    const { peer, send } = await useClient(t, {
      pingIntervalMs: 50,
      pingTimeoutMs: 50,
    });
    const request = send();
    const { frame } = await peer.connection();
    await frame(frameType.ping);
    const { reason } = await request.failure();
    assert.match(String(reason), /\[unavailable\] PING timed out/);
  });

  test("asks a silent connection for a ping before it is used again", async (t) => {
    const { peer, send } = await useClient(t, {
      pingIntervalMs: 100,
      pingTimeoutMs: 100,
    });
    const first = send();
    const one = await peer.connection();
    await one.frame(frameType.headers);
    one.socket.write(headers(1, ok, true));
    await first.over;
    const idleSince = performance.now();
    await waitFor("the silence", () => performance.now() - idleSince > 150);
    const answered = send();
    const ping = await one.frame(frameType.ping);
    assert.equal(answered.stream, undefined);
    one.socket.write(frame(frameType.ping, frameFlag.ack, 0, ping.body));
    await one.frame(frameType.headers, 1);
    one.socket.write(headers(3, ok, true));
    assert.equal(await answered.over, "end");
    const silentSince = performance.now();
    await waitFor("the silence", () => performance.now() - silentSince > 150);
    const moved = send();
    const two = await peer.connection(1);
    await two.frame(frameType.headers);
    two.socket.write(headers(1, ok, true));
    assert.equal(await moved.over, "end");
  });

  test("sends no more than the windows of the peer", async (t) => {
    const { peer, send } = await useClient(
      t,
      {},
      settings([settingId.initialWindowSize, 10]),
    );
    const first = send();
    const { socket, frame: awaitFrame, frames } = await peer.connection();
    await awaitFrame(frameType.headers);
    socket.write(headers(1, ok, true));
    await first.over;
    const request = send(new Uint8Array(25));
    const sent = () =>
      frames
        .filter(({ type }) => type === frameType.data)
        .map(({ body }) => body.byteLength);
    await awaitFrame(frameType.data);
    assert.deepEqual(sent(), [10]);
    socket.write(
      frame(frameType.windowUpdate, 0, 3, Buffer.from([0, 0, 0, 20])),
    );
    await awaitFrame(frameType.data, 1);
    assert.deepEqual(sent(), [10, 15]);
    socket.write(headers(3, ok, true));
    assert.equal(await request.over, "end");
  });

  test("takes 16 MiB, and confirms what it has taken", async (t) => {
    const { peer, send } = await useClient(t);
    const request = send();
    const { socket, frame: awaitFrame, frames } = await peer.connection();
    await awaitFrame(frameType.headers);
    socket.write(headers(1, ok));
    const piece = frame(frameType.data, 0, 1, new Uint8Array(16_384));
    const batch = Buffer.concat(new Array(16).fill(piece));
    let granted = 1_048_576;
    for (let sent = 0; sent < 2 ** 24; sent += 262_144) {
      await waitFor("the window", () => {
        granted =
          1_048_576 +
          frames
            .filter((f) => f.type === frameType.windowUpdate && f.id === 1)
            .reduce((sum, f) => sum + f.body.readUInt32BE(0), 0);
        return granted >= sent + 262_144;
      });
      socket.write(batch);
    }
    socket.write(frame(frameType.data, frameFlag.endStream, 1));
    assert.equal(await request.over, "end");
    assert.equal(request.bytes, 2 ** 24);
  });

  test("reads what comes byte by byte, and blocks in parts", async (t) => {
    const { peer, send } = await useClient(t);
    const request = send();
    const { socket, frame: awaitFrame } = await peer.connection();
    await awaitFrame(frameType.headers);
    const block = encodeStaticBlock([...ok, "x-long", "y".repeat(100)]);
    const bytes = Buffer.concat([
      headers(1, [":status", "103"]),
      frame(frameType.headers, 0, 1, block.subarray(0, 20)),
      frame(frameType.continuation, 0, 1, block.subarray(20, 40)),
      frame(
        frameType.continuation,
        frameFlag.endHeaders,
        1,
        block.subarray(40),
      ),
      frame(
        frameType.data,
        frameFlag.padded,
        1,
        Buffer.from([2, 1, 2, 3, 0, 0]),
      ),
      headers(1, ["grpc-status", "0"], true),
    ]);
    socket.setNoDelay(true);
    for (const byte of bytes) {
      await new Promise((resolve) =>
        socket.write(Buffer.from([byte]), resolve),
      );
    }
    assert.equal(await request.over, "end");
    assert.equal(request.bytes, 3);
    assert.deepEqual(request.trailers, ["grpc-status", "0"]);
  });

  for (const [what, fields] of Object.entries({
    "no status": ["x-a", "1"],
    "a status that is none": [":status", "2x0"],
    "a pseudo-header of requests": [...ok, ":path", "/"],
    "a status after a field": ["x-a", "1", ...ok],
    "a name in upper case": [...ok, "X-A", "1"],
    "a field of a connection": [...ok, "connection", "close"],
    "a body of another length": [...ok, "content-length", "5"],
  })) {
    test(`resets a stream whose response has ${what}`, async (t) => {
      const { peer, send } = await useClient(t);
      const request = send();
      const { socket, frame } = await peer.connection();
      await frame(frameType.headers);
      socket.write(headers(1, fields, true));
      const { code } = await request.failure();
      assert.equal(code, errorCode.protocolError);
      const next = send();
      await frame(frameType.headers, 1);
      socket.write(headers(3, ok, true));
      assert.equal(await next.over, "end");
      assert.equal(peer.connections.length, 1);
    });
  }

  for (const [what, bytes] of Object.entries({
    "a frame that is too large": Buffer.from([255, 255, 255, 0, 0, 0, 0, 0, 1]),
    "data on stream 0": frame(frameType.data, 0, 0),
    "a stream that nobody opened": headers(7, ok, true),
    "a block that is none": frame(
      frameType.headers,
      frameFlag.endHeaders,
      1,
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    ),
    "a push": frame(frameType.pushPromise, 0, 1, Buffer.alloc(4)),
  })) {
    test(`ends a connection that brings ${what}`, async (t) => {
      const { peer, send } = await useClient(t);
      const request = send();
      const { socket, frame: awaitFrame } = await peer.connection();
      await awaitFrame(frameType.headers);
      socket.write(bytes);
      const { reason } = await request.failure();
      assert.match(String(reason), /\[internal\] http\/2 protocol error: ./);
      await awaitFrame(frameType.goaway);
    });
  }

  test("says that a server does not speak HTTP/2", async (t) => {
    const greeting = Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n");
    const { send } = await useClient(t, {}, greeting);
    const { reason } = await send().failure();
    assert.match(String(reason), /the server does not speak HTTP\/2/);
  });

  test("fails with CANCEL when the server leaves", async (t) => {
    const { peer, send } = await useClient(t);
    const request = send();
    const { socket, frame } = await peer.connection();
    await frame(frameType.headers);
    socket.end();
    assert.deepEqual(await request.failure(), {
      code: errorCode.cancel,
      reason: undefined,
    });
  });
});
