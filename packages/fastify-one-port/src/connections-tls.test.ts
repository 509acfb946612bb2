import assert from "node:assert/strict";
import { once } from "node:events";
import * as https from "node:https";
import * as net from "node:net";
import { text } from "node:stream/consumers";
import { before, suite, type TestContext, test } from "node:test";
import * as tls from "node:tls";
import {
  type Certificate,
  createCertificate,
  needs,
  waitFor,
} from "@both-ends/testing";
import { elapsedMs, noConnections, startApp } from "./app.test.fixture.js";
import {
  connect2,
  connectRaw,
  request1,
  request2,
} from "./clients.test.fixture.js";

suite("createOnePort({ tls })", needs("openssl"), () => {
  let server: Certificate;
  let client: Certificate;
  before(async () => {
    server = await createCertificate("server");
    client = await createCertificate("client");
  });

  function connectTls(
    t: TestContext,
    port: number,
    options: tls.ConnectionOptions = {},
  ): tls.TLSSocket {
    const socket = tls.connect({
      host: "127.0.0.1",
      port,
      ca: server.cert,
      ...options,
    });
    t.after(() => socket.destroy());
    socket.on("error", () => {});
    return socket;
  }

  /** A GET over HTTP/1.1 with TLS. */
  function get1(port: number, path: string, options: https.AgentOptions = {}) {
    const agent = new https.Agent({ ca: server.cert, ...options });
    return request1(port, path, { protocol: "https:", agent });
  }

  test("speaks what ALPN agrees on", async (t) => {
    const { port } = await startApp(t, { tls: server });
    const session = connect2(t, port, { ca: server.cert }, "https");
    for (const [answer, version] of [
      [await request2(session, "/encrypted"), "2.0"],
      [await get1(port, "/encrypted"), "1.1"],
      [await get1(port, "/encrypted", { ALPNProtocols: ["http/1.1"] }), "1.1"],
    ] as const) {
      assert.equal(answer.status, 200);
      assert.deepEqual(JSON.parse(answer.body.toString()), {
        version,
        encrypted: true,
      });
    }
    assert.equal(session.alpnProtocol, "h2");
  });

  test("takes a request of HTTP/1.1 while the last answer is still on its way", async (t) => {
    const { app, port } = await startApp(t, { tls: server });
    let requests = 0;
    app.server.on("request", () => requests++);
    const socket = connectTls(t, port);
    socket.write("GET /large HTTP/1.1\r\nhost: x\r\n\r\n");
    await waitFor("the first request", () => requests === 1);
    // In one write of several TLS records, which arrive together.
    const body = "b".repeat(60_000);
    socket.write(
      `POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    );
    await waitFor("the second request", () => requests === 2);
    const answers = await text(socket);
    assert.equal(answers.match(/HTTP\/1\.1 200 OK\r\n/g)?.length, 2);
    assert.ok(answers.endsWith(`\r\n\r\n${body}`));
  });

  test("answers 400 to HTTP/2 that ALPN has not agreed on", async (t) => {
    const { port } = await startApp(t, { tls: server });
    const socket = connectTls(t, port);
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    const [answer] = await once(socket, "data");
    assert.match(answer.toString(), /^HTTP\/1\.1 400 /);
    await elapsedMs(once(socket, "close"));
  });

  test("closes a connection that does not speak TLS", async (t) => {
    const { port } = await startApp(t, { tls: server });
    const { socket, closed, received } = await connectRaw(t, port);
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await elapsedMs(closed);
    assert.doesNotMatch(received().toString(), /200 OK/);
  });

  test("refuses a client without its certificate in mutual TLS", async (t) => {
    const { port } = await startApp(t, {
      tls: { ...server, ca: client.cert, requestCert: true },
    });
    const trusted = { ...client, ca: server.cert };
    const session = connect2(t, port, trusted, "https");
    for (const answer of [
      await request2(session, "/"),
      await get1(port, "/", trusted),
    ]) {
      assert.equal(answer.status, 200);
    }
    for (const options of [{}, { ...server }]) {
      const untrusted = { ...options, ca: server.cert };
      await assert.rejects(get1(port, "/", untrusted));
      await assert.rejects(
        request2(connect2(t, port, untrusted, "https"), "/"),
      );
    }
  });

  test("cuts connections that stay silent, before and after the handshake", async (t) => {
    const { port } = await startApp(t, { tls: server, prefaceTimeoutMs: 300 });
    const untalkative = await connectRaw(t, port);
    const secure1 = connectTls(t, port);
    const secure2 = connectTls(t, port, { ALPNProtocols: ["h2"] });
    // It would not notice the end behind the server's unread SETTINGS.
    secure2.resume();
    await elapsedMs(
      Promise.all([
        untalkative.closed,
        once(secure1, "close"),
        once(secure2, "close"),
      ]),
    );
    assert.equal(secure2.alpnProtocol, "h2");
  });

  test("closes with the app: idle ends, calls finish, all its ports", async (t) => {
    const { app, onePort, port, waiting, release } = await startApp(t, {
      tls: server,
      shutdownGraceMs: 60_000,
    });
    const alias = await onePort.listen({ port: 0, host: "127.0.0.1" });
    const idle = connect2(t, alias.port, { ca: server.cert }, "https");
    await request2(idle, "/");
    const silent = await connectRaw(t, port);
    const undecided = connectTls(t, port);
    await once(undecided, "secureConnect");
    const busy = connect2(t, port, { ca: server.cert }, "https");
    const answers = [request2(busy, "/hold"), get1(alias.port, "/hold")];
    await waitFor("the calls", () => waiting() === 2);

    const closed = elapsedMs(app.close());
    await elapsedMs(
      Promise.all([
        silent.closed,
        once(undecided, "close"),
        once(idle, "close"),
      ]),
    );
    release();
    for (const { body } of await Promise.all(answers)) {
      assert.equal(body.length, 2 ** 20);
    }
    assert.ok((await closed) < 5_000);
  });

  test("ends a connection whose handshake is done only after the app closes", async (t) => {
    const { app, port, waiting, release } = await startApp(t, {
      tls: server,
      shutdownGraceMs: 60_000,
    });
    const busy = get1(port, "/hold");
    await waitFor("the call", () => waiting() === 1);
    // Lets the client's first message through, and the others when told.
    let goOn = () => {};
    const toServer = net.connect(port, "127.0.0.1");
    t.after(() => toServer.destroy());
    const proxy = net.createServer((toClient) => {
      t.after(() => toClient.destroy());
      toServer.pipe(toClient);
      toClient.once("data", (hello) => {
        toClient.pause();
        toServer.write(hello);
        goOn = () => {
          toClient.pipe(toServer);
        };
      });
    });
    t.after(() => proxy.close());
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const address = proxy.address();
    assert.ok(typeof address === "object" && address !== null);
    const late = connectTls(t, address.port, { ALPNProtocols: ["h2"] });
    late.resume();
    await once(toServer, "data");

    const closed = elapsedMs(app.close());
    await waitFor("the port to close", () => !app.server.listening);
    goOn();
    await elapsedMs(once(late, "close"));
    release();
    await busy;
    assert.ok((await closed) < 5_000);
  });

  test("does not wait for a client that leaves in the handshake", async (t) => {
    const { onePort } = await startApp(t, { tls: server });
    const alias = await onePort.listen({ port: 0, host: "127.0.0.1" });
    const { socket, closed } = await connectRaw(t, alias.port);
    socket.end(Buffer.from("16030100c8010000c40303", "hex"));
    await elapsedMs(closed);
  });

  test("cuts at the grace limit what is not finished", async (t) => {
    const { app, port, waiting } = await startApp(t, { tls: server });
    const session = connect2(t, port, { ca: server.cert }, "https");
    const outcomes = Promise.allSettled([
      request2(session, "/hold"),
      get1(port, "/hold"),
    ]);
    await waitFor("the calls", () => waiting() === 2);
    const ms = await elapsedMs(app.close());
    assert.ok(ms >= 190 && ms < 2_000, `took ${ms} ms`);
    for (const { status } of await outcomes) {
      assert.equal(status, "rejected");
    }
  });

  test("survives clients that reset in the handshake", async (t) => {
    const started = await startApp(t, { tls: server });
    const { port } = started;
    const hello = Buffer.from("16030100c8010000c40303", "hex");
    for (let round = 0; round < 20; round++) {
      const { socket } = await connectRaw(t, port);
      socket.write(hello.subarray(0, round));
      socket.resetAndDestroy();
    }
    await noConnections(started);
    const { status } = await get1(port, "/");
    assert.equal(status, 200);
  });
});
