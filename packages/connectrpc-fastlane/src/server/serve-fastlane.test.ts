import assert from "node:assert/strict";
import { once } from "node:events";
import * as http from "node:http";
import * as http2 from "node:http2";
import * as https from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { suite, type TestContext, test } from "node:test";
import { createCertificate } from "@both-ends/testing";
import { createContextKey, createContextValues } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
} from "@connectrpc/connect-node";
import { addRoutes, createClients } from "./fastlane-fixture.test.js";
import { type ServeFastlaneOptions, serveFastlane } from "./serve-fastlane.js";

type Server = http.Server | http2.Http2Server | http2.Http2SecureServer;

async function start(
  t: TestContext,
  server: Server,
  options: Partial<ServeFastlaneOptions> = {},
) {
  const lane = serveFastlane(server, { routes: addRoutes, ...options });
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  // A TCP server's address is no string.
  return { lane, port: (server.address() as AddressInfo).port };
}

suite("serveFastlane()", { timeout: 60_000 }, () => {
  test("serves on HTTP/2 in cleartext", async (t) => {
    const { lane, port } = await start(t, http2.createServer());
    const baseUrl = `http://127.0.0.1:${port}`;
    const { names } = createClients(createGrpcTransport({ baseUrl }));
    const { reversedName } = await names.revertName({ name: "ab" });
    assert.equal(reversedName, "ba");
    assert.equal(lane.counts.taken, 1);
  });

  test("serves on HTTP/1.1", async (t) => {
    const { lane, port } = await start(t, http.createServer());
    const baseUrl = `http://127.0.0.1:${port}`;
    const { names } = createClients(
      createConnectTransport({ baseUrl, httpVersion: "1.1" }),
    );
    const { reversedName } = await names.revertName({ name: "ab" });
    assert.equal(reversedName, "ba");
    assert.equal(lane.counts.taken, 1);
  });

  test("serves both versions on one port with TLS", async (t) => {
    const { key, cert } = await createCertificate("localhost");
    const server = http2.createSecureServer({ key, cert, allowHTTP1: true });
    const { lane, port } = await start(t, server);
    const baseUrl = `https://127.0.0.1:${port}`;
    const nodeOptions = { ca: cert };
    for (const transport of [
      createGrpcTransport({ baseUrl, nodeOptions }),
      createConnectTransport({ baseUrl, httpVersion: "1.1", nodeOptions }),
    ]) {
      const { names } = createClients(transport);
      const { reversedName } = await names.revertName({ name: "ab" });
      assert.equal(reversedName, "ba");
    }
    assert.equal(lane.counts.taken, 2);
  });

  test("keeps no listener for connections of HTTP/1.1", async (t) => {
    const { key, cert } = await createCertificate("localhost");
    const server = http2.createSecureServer({ key, cert, allowHTTP1: true });
    const { port } = await start(t, server);
    const before = server.listenerCount("session");
    for (let i = 0; i < 3; i++) {
      const request = https.get({ host: "127.0.0.1", port, ca: cert });
      const [response] = await once(request, "response");
      response.resume();
      await once(response, "end");
    }
    assert.equal(server.listenerCount("session"), before);
  });

  test("cuts a TLS handshake that goes on when the server closes", async (t) => {
    const { key, cert } = await createCertificate("localhost");
    const server = http2.createSecureServer({ key, cert });
    const { port } = await start(t, server, {
      limits: { shutdownGraceMs: 50 },
    });
    const socket = connect(port, "127.0.0.1");
    t.after(() => socket.destroy());
    await once(server, "connection");
    await new Promise((resolve) => server.close(resolve));
  });

  test("refuses limits that are none, by their names", () => {
    for (const [name, value] of [
      ["prefaceTimeoutMs", Number.POSITIVE_INFINITY],
      ["sessionIdleTimeoutMs", 2 ** 31],
      ["maxConcurrentStreams", 0],
    ] as const) {
      assert.throws(
        () =>
          serveFastlane(http2.createServer(), {
            routes: addRoutes,
            limits: { [name]: value },
          }),
        { name: "RangeError", message: new RegExp(`^${name} must be`) },
      );
    }
  });

  test("leaves what is no RPC to the fallback", async (t) => {
    const { port } = await start(t, http.createServer(), {
      fallback(_request, response) {
        response.writeHead(200);
        response.end("mine");
      },
    });
    const response = await fetch(`http://127.0.0.1:${port}/other`);
    assert.equal(await response.text(), "mine");
  });

  test("gives calls the context values of their requests", async (t) => {
    const address = createContextKey("");
    const seen: string[] = [];
    const { port } = await start(t, http2.createServer(), {
      contextValues: ({ headers, socket, url }) =>
        createContextValues().set(
          address,
          `${headers["x-a"]} ${socket.remoteAddress} ${url}`,
        ),
      interceptors: [
        (next) => (req) => {
          seen.push(req.contextValues.get(address));
          return next(req);
        },
      ],
    });
    const baseUrl = `http://127.0.0.1:${port}`;
    const { names } = createClients(createGrpcTransport({ baseUrl }));
    await names.revertName({ name: "ab" }, { headers: { "x-a": "1" } });
    assert.deepEqual(seen, [
      "1 127.0.0.1 /revertname.v1.RevertNameService/RevertName",
    ]);
  });
});
