import assert from "node:assert/strict";
import * as http from "node:http";
import * as http2 from "node:http2";
import * as net from "node:net";
import { suite, type TestContext, test } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import { Code, createClient } from "@connectrpc/connect";
import {
  connectNodeAdapter,
  createConnectTransport,
  createGrpcTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { finishRequests } from "fastify-one-port";
import { conformanceRoutes } from "./conformance-routes.js";
import {
  ConformanceService,
  UnaryRequestSchema,
} from "./gen/connectrpc/conformance/v1/service_pb.js";

const service = "/connectrpc.conformance.v1.ConformanceService";
const handler = connectNodeAdapter({
  routes: conformanceRoutes,
  readMaxBytes: 1_024,
});

/** The prefix of an uncompressed message of the given size. */
function prefix(bytes: number): Buffer {
  const envelope = Buffer.alloc(5);
  envelope.writeUInt32BE(bytes, 1);
  return envelope;
}

async function listen(
  t: TestContext,
  server: http.Server | http2.Http2Server | net.Server,
): Promise<number> {
  await new Promise<void>((resolve) =>
    server.listen({ host: "127.0.0.1", port: 0 }, resolve),
  );
  t.after(() => server.close());
  const address = server.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

suite("finishRequests()", { timeout: 20_000 }, () => {
  test("resets an HTTP/2 stream after the response to a message over the limit", async (t) => {
    const server = http2.createServer(handler);
    finishRequests(server);
    const port = await listen(t, server);
    const session = http2.connect(`http://127.0.0.1:${port}`);
    t.after(() => session.destroy());
    const stream = session.request({
      ":method": "POST",
      ":path": `${service}/ClientStream`,
      "content-type": "application/grpc",
    });
    const status = new Promise((resolve) =>
      stream.once("trailers", (trailers) => resolve(trailers["grpc-status"])),
    );
    const closed = new Promise((resolve) => stream.once("close", resolve));
    stream.resume();
    // More than the flow control window, and no end.
    stream.write(Buffer.concat([prefix(2 ** 20), Buffer.alloc(2 ** 19)]));
    assert.equal(await status, "8");
    await closed;
    assert.equal(stream.rstCode, http2.constants.NGHTTP2_NO_ERROR);
  });

  for (const createTransport of [createGrpcTransport, createConnectTransport]) {
    test(`gives a client of ${createTransport.name} its error`, async (t) => {
      const server = http2.createServer(handler);
      finishRequests(server);
      const baseUrl = `http://127.0.0.1:${await listen(t, server)}`;
      const sessionManager = new Http2SessionManager(baseUrl);
      t.after(() => sessionManager.abort());
      const client = createClient(
        ConformanceService,
        createTransport({ httpVersion: "2", baseUrl, sessionManager }),
      );
      async function* requests() {
        for (let i = 0; i < 8; i++) {
          yield { requestData: new Uint8Array(2 ** 20) };
        }
      }
      await assert.rejects(
        client.clientStream(requests(), { timeoutMs: 5_000 }),
        { code: Code.ResourceExhausted },
      );
    });
  }

  test("resets no HTTP/2 stream whose request was read to its end", async (t) => {
    const server = http2.createServer(handler);
    finishRequests(server);
    const { port, frames } = await listenInFront(t, await listen(t, server));
    const session = http2.connect(`http://127.0.0.1:${port}`);
    t.after(() => session.destroy());
    for (let i = 0; i < 3; i++) {
      const stream = session.request({
        ":method": "POST",
        ":path": `${service}/Unary`,
        "content-type": "application/grpc",
      });
      stream.resume();
      stream.end(prefix(0));
      await new Promise((resolve) => stream.once("close", resolve));
    }
    const rstStream = 3;
    assert.ok(frames().length > 6);
    assert.equal(frames().includes(rstStream), false);
  });

  test("lets an HTTP/1.1 connection take its next request", async (t) => {
    const server = http.createServer({ keepAliveTimeout: 60_000 }, handler);
    finishRequests(server);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    const port = await listen(t, server);
    const over = Buffer.concat([prefix(2 ** 19), Buffer.alloc(2 ** 19)]);
    const ports = [
      await post(
        agent,
        port,
        "ClientStream",
        "application/connect+proto",
        over,
      ),
      await post(agent, port, "Unary", "application/proto", emptyRequest),
    ];
    assert.equal(new Set(ports).size, 1);
  });

  test("cuts an HTTP/1.1 connection that has too much left", async (t) => {
    const server = http.createServer({ keepAliveTimeout: 60_000 }, handler);
    finishRequests(server, { discardBytes: 2 ** 16 });
    const port = await listen(t, server);
    const socket = net.connect({ host: "127.0.0.1", port });
    t.after(() => socket.destroy());
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {});
    socket.resume();
    socket.write(
      `POST ${service}/ClientStream HTTP/1.1\r\nhost: a\r\ncontent-type: application/connect+proto\r\ncontent-length: ${2 ** 30}\r\n\r\n`,
    );
    socket.write(Buffer.concat([prefix(2 ** 29), Buffer.alloc(2 ** 20)]));
    await closed;
  });
});

const emptyRequest = Buffer.from(
  toBinary(UnaryRequestSchema, {
    $typeName: "connectrpc.conformance.v1.UnaryRequest",
    requestData: new Uint8Array(),
  }),
);

/** Sends a request to its end and gives the port it was sent from. */
function post(
  agent: http.Agent,
  port: number,
  method: string,
  contentType: string,
  body: Buffer,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        ...{ host: "127.0.0.1", port, agent, method: "POST" },
        path: `${service}/${method}`,
        headers: { "content-type": contentType, "content-length": body.length },
      },
      (response) => {
        const from = response.socket.localPort;
        assert.equal(response.statusCode, 200);
        response.resume();
        response.once("end", () => resolve(from));
      },
    );
    request.once("error", reject);
    request.end(body);
  });
}

/** Listens in front of a server, and knows the types of the frames it sent. */
async function listenInFront(t: TestContext, to: number) {
  const chunks: Buffer[] = [];
  const front = net.createServer((socket) => {
    const server = net.connect({ host: "127.0.0.1", port: to });
    server.on("data", (chunk) => chunks.push(chunk));
    server.on("error", () => {});
    socket.on("error", () => {});
    socket.pipe(server).pipe(socket);
  });
  const frames = () => {
    const bytes = Buffer.concat(chunks);
    const types: (number | undefined)[] = [];
    // RFC 9113, 4.1: three bytes of length, one of type, five more.
    for (
      let at = 0;
      at + 9 <= bytes.length;
      at += 9 + bytes.readUIntBE(at, 3)
    ) {
      types.push(bytes[at + 3]);
    }
    return types;
  };
  return { port: await listen(t, front), frames };
}
