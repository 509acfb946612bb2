import assert from "node:assert/strict";
import * as http2 from "node:http2";
import * as net from "node:net";
import { suite, type TestContext, test } from "node:test";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { run, waitFor } from "@both-ends/testing";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BlockWriter } from "../http2/block-writer.js";
import {
  errorCode,
  frameFlag as flag,
  preface,
  settingId,
  frameType as type,
} from "../http2/frame-format.js";
import { frame, splitFrames } from "../http2/frames-fixture.test.js";
import { createClients, startApp } from "./fastlane-fixture.test.js";

const revertName = "/revertname.v1.RevertNameService/RevertName";
const watchTime = "/time.v1.TimeService/WatchTime";

/** Sends a call on a session of Node, and gives what came back. */
async function call(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body: Buffer,
) {
  const stream = session.request({ ":method": "POST", ...headers });
  const chunks: Buffer[] = [];
  let trailers: http2.IncomingHttpHeaders = {};
  stream.on("trailers", (fields) => {
    trailers = fields;
  });
  stream.on("data", (chunk) => chunks.push(chunk));
  stream.on("error", () => {});
  if (!stream.writableEnded) {
    stream.end(body);
  }
  await new Promise((resolve) => stream.once("close", resolve));
  return { body: Buffer.concat(chunks), trailers, code: stream.rstCode };
}

function envelope(message: string): Buffer {
  const bytes = Buffer.from(message, "latin1");
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** A `name`, which is field 1, in its envelope. */
function nameEnvelope(name: string): Buffer {
  const { length } = name;
  const size = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
  return envelope(`\n${String.fromCharCode(...size)}${name}`);
}

/** SETTINGS of the window that streams begin with. */
function initialWindow(bytes: number): Buffer {
  const setting = Buffer.alloc(6);
  setting.writeUInt16BE(settingId.initialWindowSize);
  setting.writeUInt32BE(bytes, 2);
  return setting;
}

const grpc = { "content-type": "application/grpc" };

/** A connection on which frames are written by hand. */
function connectRaw(t: TestContext, port: number) {
  const socket = net.connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const send = (type: number, flags: number, id: number, body?: Buffer) =>
    socket.write(frame(type, flags, id, body));
  /** The frames of a type that came so far, or all. */
  const received = (type?: number) =>
    splitFrames(Buffer.concat(chunks)).filter(
      (one) => type === undefined || one.type === type,
    );
  const headers = (
    id: number,
    endStream: boolean,
    more: object = {},
    path = revertName,
  ) => {
    const block = new BlockWriter()
      .add(":method", "POST")
      .add(":scheme", "http")
      .add(":path", path)
      .add(":authority", "localhost")
      .add("content-type", "application/grpc");
    for (const [name, value] of Object.entries(more)) {
      block.add(name, String(value));
    }
    send(1, endStream ? 5 : 4, id, block.finish());
  };
  socket.write(preface);
  send(4, 0, 0);
  return { socket, send, received, headers, closed };
}

suite("a connection of HTTP/2 on the lane", { timeout: 60_000 }, () => {
  test("carries calls of the lane and of Node, mixed", async (t) => {
    const { lane, port } = await startApp(t);
    const session = http2.connect(`http://127.0.0.1:${port}`);
    t.after(() => session.destroy());
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const name = `${i}x`;
        if (i % 4 === 3) {
          const page = await call(
            session,
            { ":method": "GET", ":path": "/" },
            Buffer.of(),
          );
          return page.body.toString() === "hello";
        }
        // With an encoding, it is for connect-es.
        const more = i % 4 === 2 ? { "grpc-encoding": "gzip" } : {};
        const answer = await call(
          session,
          { ":path": revertName, ...grpc, ...more },
          nameEnvelope(name),
        );
        assert.equal(answer.trailers["grpc-status"], "0");
        return answer.body.toString().endsWith([...name].reverse().join(""));
      }),
    );
    assert.deepEqual(new Set(answers), new Set([true]));
    assert.equal(lane.counts.taken, 100);
    assert.equal(lane.counts.handedOver.compression, 50);
  });

  test("gives requests that are handed over their address", async (t) => {
    const { app, port } = await startApp(t, {}, (fastify) =>
      fastify.get("/address", async ({ ip, raw }) => [
        ip,
        raw.socket.remotePort,
        raw.socket.localPort,
      ]),
    );
    assert.ok(app.server.listening);
    const session = http2.connect(`http://127.0.0.1:${port}`);
    t.after(() => session.destroy());
    const { body } = await call(
      session,
      { ":method": "GET", ":path": "/address" },
      Buffer.of(),
    );
    assert.deepEqual(JSON.parse(body.toString()), [
      "127.0.0.1",
      session.socket.localPort,
      port,
    ]);
  });

  test("sends no more than its client takes, in order", async (t) => {
    const { port } = await startApp(t);
    const long = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(30_000));
    for (const initialWindowSize of [1_000, 65_535, 1_000_000]) {
      const session = http2.connect(`http://127.0.0.1:${port}`, {
        settings: { initialWindowSize },
      });
      t.after(() => session.destroy());
      const transport = createGrpcTransport({
        baseUrl: `http://127.0.0.1:${port}`,
        nodeOptions: { settings: { initialWindowSize } },
      });
      const { watchTime: watch } = createClient(TimeService, transport);
      const seen: string[] = [];
      for await (const { rfc3339 } of watch({ timeZone: "many" })) {
        seen.push(rfc3339);
      }
      assert.deepEqual(seen, long);
      // The same to one who reads nothing until all windows are full.
      const stream = session.request({
        ":method": "POST",
        ":path": watchTime,
        ...grpc,
      });
      // `time_zone` is field 2.
      stream.end(envelope("\x12\x04many"));
      await new Promise((resolve) => stream.once("response", resolve));
      stream.pause();
      await new Promise((resolve) => session.ping(resolve));
      let bytes = 0;
      stream.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      stream.resume();
      await new Promise((resolve) => stream.once("close", resolve));
      // Envelope, tag and a length of three bytes.
      assert.equal(
        bytes,
        long.reduce((sum, one) => sum + one.length + 9, 0),
      );
    }
  });

  // With an encoding, it is for connect-es, behind Node.
  for (const [who, more, stepBytes] of [
    ["the lane", {}, 100],
    [
      "Node",
      { "grpc-encoding": "gzip", "grpc-accept-encoding": "identity" },
      // It has given one window of its own to the long answer.
      4_096,
    ],
  ] as const) {
    test(`uses wider windows of streams once it has said so, by ${who}`, async (t) => {
      const { port } = await startApp(t);
      const { send, headers, received } = connectRaw(t, port);
      send(type.settings, 0, 0, initialWindow(0));
      headers(1, false, more);
      send(type.data, flag.endStream, 1, nameEnvelope("ab"));
      await waitFor("headers", () => received(type.headers).length > 0);
      assert.deepEqual(received(type.data), []);
      send(type.settings, 0, 0, initialWindow(65_535));
      await waitFor("the body", () => received(type.data).length > 0);
      const order = received()
        .filter(
          (one) =>
            one.type === type.data ||
            (one.type === type.settings && one.flags === flag.ack),
        )
        .map((one) => one.type);
      // Its own SETTINGS, those of the windows, and the body.
      assert.deepEqual(order.slice(0, 4), [4, 4, 4, 0]);
    });

    test(`lets no answer wait for all of a long one, by ${who}`, async (t) => {
      const { port } = await startApp(t);
      const { send, headers, received } = connectRaw(t, port);
      const bytesOf = (id: number) =>
        received(type.data)
          .filter((one) => one.id === id)
          .reduce((sum, one) => sum + one.body.length, 0);
      send(type.settings, 0, 0, initialWindow(10_000_000));
      headers(1, false, more, watchTime);
      send(type.data, flag.endStream, 1, envelope("\x12\x04many"));
      await waitFor("all that it may send", () => bytesOf(1) === 65_535);
      headers(3, false, more);
      send(type.data, flag.endStream, 3, nameEnvelope("ab"));
      headers(5, false, more);
      send(type.data, flag.endStream, 5, nameEnvelope("fail"));
      // Headers have no window: nothing holds them up.
      await waitFor("headers", () =>
        received(type.headers).some((one) => one.id === 5),
      );
      const increment = Buffer.alloc(4);
      increment.writeUInt32BE(stepBytes);
      let steps = 0;
      await waitFor("the short answer", () => {
        if (steps < 50) {
          steps++;
          send(type.windowUpdate, 0, 0, increment);
        }
        return bytesOf(3) > 0;
      });
    });
  }

  test("refuses a client that begins with an answer", async (t) => {
    const { port } = await startApp(t);
    const socket = net.connect(port, "127.0.0.1");
    t.after(() => socket.destroy());
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.write(preface);
    socket.write(frame(type.settings, flag.ack, 0));
    await new Promise((resolve) => socket.once("end", resolve));
    const [goaway] = splitFrames(Buffer.concat(chunks)).filter(
      (one) => one.type === type.goaway,
    );
    assert.equal(goaway?.body.readUInt32BE(4), errorCode.protocolError);
  });

  test("answers a client that has no table for headers", async (t) => {
    const { port } = await startApp(t);
    const session = http2.connect(`http://127.0.0.1:${port}`, {
      settings: { headerTableSize: 0 },
    });
    t.after(() => session.destroy());
    for (const name of ["ab", "cd"]) {
      const answer = await call(
        session,
        { ":path": revertName, ...grpc },
        nameEnvelope(name),
      );
      assert.equal(answer.trailers["grpc-status"], "0");
    }
    session.settings({ headerTableSize: 100 });
    const page = await call(
      session,
      { ":method": "GET", ":path": "/" },
      Buffer.of(),
    );
    assert.equal(page.body.toString(), "hello");
  });

  test("reads requests of many windows", async (t) => {
    const { port } = await startApp(t, { readMaxBytes: 4_000_000 });
    const { names } = createClients(
      createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` }),
    );
    const name = "ab".repeat(1_000_000);
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => names.revertName({ name })),
    );
    for (const { reversedName } of answers) {
      assert.equal(reversedName.length, name.length);
    }
  });

  test("passes bodies of many windows on, both ways", async (t) => {
    const { port } = await startApp(t, {}, (fastify) => {
      fastify.addContentTypeParser(
        "*",
        { parseAs: "buffer" },
        (_r, body, done) => done(null, body),
      );
      fastify.post(
        "/echo",
        { bodyLimit: 32_000_000 },
        async ({ body }) => body,
      );
    });
    const session = http2.connect(`http://127.0.0.1:${port}`);
    t.after(() => session.destroy());
    const body = Buffer.alloc(8_000_000, "0123456789abcdef");
    const answers = await Promise.all(
      [1, 2].map(() =>
        call(session, { ":path": "/echo", "content-type": "a/b" }, body),
      ),
    );
    for (const answer of answers) {
      assert.ok(answer.body.equals(body));
    }
  });

  test("tells handlers behind Node that the connection is lost", async (t) => {
    let aborted = false;
    const { port } = await startApp(t, {
      interceptors: [
        (next) => (req) => {
          req.signal.addEventListener("abort", () => {
            aborted = true;
          });
          return next(req);
        },
      ],
    });
    const session = http2.connect(`http://127.0.0.1:${port}`);
    session.on("error", () => {});
    const stream = session.request({
      ":method": "POST",
      ":path": "/revertname.v1.RevertNameService/RevertNames",
      ...grpc,
    });
    stream.on("error", () => {});
    stream.write(nameEnvelope("ab"));
    await new Promise((resolve) => stream.once("data", resolve));
    session.destroy();
    await waitFor("the handler to hear of it", () => aborted);
  });

  test("resets a request whose body is not as long as it said", async (t) => {
    const { port } = await startApp(t);
    const { received, headers, send } = connectRaw(t, port);
    headers(1, false, { "content-length": "100" });
    send(0, 1, 1, nameEnvelope("ab"));
    headers(3, false, { "content-length": "1" });
    send(0, 1, 3, nameEnvelope("ab"));
    const resets = await waitFor("two resets", () => {
      const found = received(3);
      return found.length === 2 ? found : undefined;
    });
    assert.deepEqual(
      resets.map(({ id, body }) => [id, body.readUInt32BE(0)]),
      [
        [1, 1],
        [3, 1],
      ],
    );
  });

  test("does not begin with what is reset in the same packet", async (t) => {
    let handled = 0;
    const { port } = await startApp(t, {
      interceptors: [
        (next) => (req) => {
          handled++;
          return next(req);
        },
      ],
    });
    const { received, headers, send, socket } = connectRaw(t, port);
    socket.cork();
    headers(1, false);
    send(0, 1, 1, nameEnvelope("ab"));
    send(3, 0, 1, Buffer.from("00000008", "hex"));
    send(6, 0, 0, Buffer.alloc(8));
    socket.uncork();
    await waitFor("the answer to PING", () => received(6).length > 0);
    assert.equal(handled, 0);
    assert.equal(received(1).length, 0);
  });

  for (const [what, code] of [
    ["CANCEL", "00000008"],
    ["NO_ERROR", "00000000"],
  ]) {
    test(`ends for a client that resets too many streams with ${what}`, async (t) => {
      const { port } = await startApp(t);
      const { received, headers, send, closed, socket } = connectRaw(t, port);
      for (let i = 0; i < 2_000 && !socket.destroyed; i++) {
        headers(2 * i + 1, false);
        send(3, 0, 2 * i + 1, Buffer.from(String(code), "hex"));
      }
      await closed;
      const [goaway] = received(7).slice(-1);
      assert.equal(goaway?.body.readUInt32BE(4), 11);
    });
  }

  test("sends all of an answer to a request that Node has not read", async (t) => {
    const { port } = await startApp(t, {}, (fastify) =>
      fastify.post(
        "/early",
        {
          preParsing: async (_request, reply) => reply.send("a".repeat(70_000)),
        },
        async () => "",
      ),
    );
    const { received, headers, send } = connectRaw(t, port);
    send(4, 0, 0, Buffer.from("0004000186a0", "hex"));
    headers(1, false, {}, "/early");
    await waitFor("a full window", () => received(0).length >= 4);
    const got = () =>
      received(0).reduce((sum, { body }) => sum + body.length, 0);
    await waitFor("all of the window", () => got() === 65_535);
    assert.equal(received(3).length, 0);
    send(8, 0, 0, Buffer.from("000186a0", "hex"));
    await waitFor("the rest", () => got() === 70_000);
    assert.equal((received(0).at(-1)?.flags ?? 0) & 1, 1);
  });

  test("refuses what comes after the last GOAWAY, and finishes the rest", async (t) => {
    const { app, port } = await startApp(t);
    const { received, headers, send, closed } = connectRaw(t, port);
    headers(1, false);
    await waitFor("its SETTINGS", () => received(4).length === 2);
    const end = app.close();
    const [ping] = await waitFor("PING", () => {
      const found = received(6);
      return found.length > 0 ? found : undefined;
    });
    send(6, 1, 0, ping?.body);
    await waitFor("the last GOAWAY", () => received(7).length === 2);
    headers(3, false);
    send(0, 1, 3, nameEnvelope("cd"));
    await waitFor("its refusal", () => received(3).some(({ id }) => id === 3));
    send(0, 1, 1, nameEnvelope("ab"));
    await closed;
    await end;
    assert.ok(
      received(1).some(({ id }) => id === 1),
      "the first is answered",
    );
    assert.equal(received(7).length, 2);
  });

  test("ends in order: what comes before the client knows is answered", async (t) => {
    const { app, port } = await startApp(t);
    const { received, headers, send, closed } = connectRaw(t, port);
    headers(1, false);
    await waitFor("its SETTINGS", () => received(4).length === 2);
    const end = app.close();
    const [first] = await waitFor("GOAWAY", () => {
      const found = received(7);
      return found.length > 0 ? found : undefined;
    });
    assert.equal(first?.body.readUInt32BE(0), 2 ** 31 - 1);
    // Not acknowledged yet: the client may not have seen it.
    headers(3, false);
    send(0, 1, 3, nameEnvelope("cd"));
    send(0, 1, 1, nameEnvelope("ab"));
    const [ping] = await waitFor("PING", () => {
      const found = received(6);
      return found.length > 0 ? found : undefined;
    });
    send(6, 1, 0, ping?.body);
    await closed;
    await end;
    const answered = received(1).map(({ id }) => id);
    assert.ok(answered.includes(1) && answered.includes(3), `${answered}`);
    assert.equal(received(7).at(-1)?.body.readUInt32BE(0), 3);
  });

  test("passes h2spec, but for what is meant", async (t) => {
    const { port } = await startApp(t);
    const found = await run("h2spec", ["--version"]).catch(() => undefined);
    if (found === undefined) {
      assert.notEqual(process.env.CI, "true", "h2spec is missing");
      t.skip(
        "needs h2spec: go install github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible",
      );
      return;
    }
    const { stdout } = await run(
      "h2spec",
      ["-h", "127.0.0.1", "-p", String(port), "-o", "10"],
      { timeoutMs: 120_000 },
    );
    const failures = stdout.slice(stdout.indexOf("Failures:"));
    assert.deepEqual(
      [...failures.matchAll(/× \d+: (.*)/g)].map(([, what]) => what),
      [
        // What is no preface is HTTP/1.1 on this port, and answered as such.
        "Sends invalid connection preface",
      ],
    );
  });
});
