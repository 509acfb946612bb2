import assert from "node:assert/strict";
import { constants, type ServerHttp2Stream } from "node:http2";
import { suite, test } from "node:test";
import { keepDeadline } from "@both-ends/service";
import { Code } from "@connectrpc/connect";
import { connect } from "./raw-server.test.fixture.js";

const timeoutMs = 100;

/**
 * Resets the first stream at once, for a connection that is there already, and
 * each later one a moment before the caller's own timer.
 */
function createAnswer(): (stream: ServerHttp2Stream) => void {
  let delayMs = 0;
  return (stream) => {
    stream.on("error", () => {});
    setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), delayMs);
    delayMs = timeoutMs - 6;
  };
}

suite("keepDeadline()", { timeout: 10_000 }, () => {
  test("says deadline_exceeded when the server was first to cancel a unary call", async (t) => {
    const client = await connect(t, [keepDeadline], createAnswer());
    await assert.rejects(client.unary({}));
    await assert.rejects(client.unary({}, { timeoutMs }), {
      code: Code.DeadlineExceeded,
    });
  });

  test("says deadline_exceeded when the server was first to cancel a stream", async (t) => {
    const reset = createAnswer();
    const client = await connect(t, [keepDeadline], (stream) => {
      stream.respond({ "content-type": "application/grpc" });
      reset(stream);
    });
    await assert.rejects(client.unary({}));
    const responses = client.serverStream({}, { timeoutMs });
    await assert.rejects(
      async () => {
        for await (const _ of responses) {
          // None comes.
        }
      },
      { code: Code.DeadlineExceeded },
    );
  });

  test("says canceled when the server cancels before the deadline", async (t) => {
    const client = await connect(t, [keepDeadline], (stream) => {
      stream.on("error", () => {});
      stream.close(constants.NGHTTP2_CANCEL);
    });
    await assert.rejects(client.unary({}, { timeoutMs: 5_000 }), {
      code: Code.Canceled,
    });
  });

  test("leaves the caller's own cancellation alone", async (t) => {
    const controller = new AbortController();
    const client = await connect(t, [keepDeadline], () => controller.abort());
    await assert.rejects(
      client.unary({}, { timeoutMs: 5_000, signal: controller.signal }),
      { code: Code.Canceled },
    );
  });
});
