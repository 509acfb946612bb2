import assert from "node:assert/strict";
import type { ServerHttp2Stream } from "node:http2";
import { suite, test } from "node:test";
import { blameResponse } from "@both-ends/service";
import { Code, ConnectError } from "@connectrpc/connect";
import { connect } from "./raw-server.test.fixture.js";

function respond(
  stream: ServerHttp2Stream,
  body: Buffer,
  trailers: Record<string, string>,
): void {
  stream.respond(
    { "content-type": "application/grpc" },
    { waitForTrailers: true },
  );
  stream.once("wantTrailers", () => stream.sendTrailers(trailers));
  stream.resume();
  stream.end(body);
}

async function drain(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of messages) {
    // Each is dropped.
  }
}

suite("blameResponse()", { timeout: 10_000 }, () => {
  const halfMessage = Buffer.from([0, 0, 0, 0, 9, 1]);

  test("calls a stream that ends inside a message internal", async (t) => {
    const client = await connect(t, [blameResponse], (stream) =>
      respond(stream, halfMessage, { "grpc-status": "0" }),
    );
    await assert.rejects(drain(client.serverStream({}, { timeoutMs: 5_000 })), {
      code: Code.Internal,
      rawMessage: "protocol error: incomplete envelope",
    });
  });

  test("calls a unary response that ends inside its message internal", async (t) => {
    const client = await connect(t, [blameResponse], (stream) =>
      respond(stream, halfMessage, { "grpc-status": "0" }),
    );
    await assert.rejects(client.unary({}, { timeoutMs: 5_000 }), {
      code: Code.Internal,
    });
  });

  test("leaves the server's own word on the request alone", async (t) => {
    const client = await connect(t, [blameResponse], (stream) =>
      respond(stream, Buffer.alloc(0), {
        "grpc-status": "3",
        "grpc-message": "protocol error: incomplete envelope",
      }),
    );
    await assert.rejects(client.unary({}, { timeoutMs: 5_000 }), {
      code: Code.InvalidArgument,
    });
  });

  test("leaves the error of a request stream alone", async (t) => {
    const client = await connect(t, [blameResponse], (stream) =>
      stream.resume(),
    );
    // biome-ignore lint/correctness/useYield: it fails before its first message
    async function* requests() {
      throw new ConnectError("no such flag", Code.InvalidArgument);
    }
    await assert.rejects(
      client.clientStream(requests(), { timeoutMs: 5_000 }),
      (error) =>
        !(error instanceof ConnectError && error.code === Code.Internal),
    );
  });
});
