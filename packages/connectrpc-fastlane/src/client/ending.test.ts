import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { constants } from "node:http2";
import { suite, type TestContext, test } from "node:test";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { waitFor } from "@both-ends/testing";
import {
  Code,
  ConnectError,
  createClient,
  type Interceptor,
} from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import {
  type OddServer,
  type Step,
  startOddServer,
} from "./odd-server.test.js";
import { createGrpcTransport } from "./transport.js";

const {
  NGHTTP2_CANCEL,
  NGHTTP2_ENHANCE_YOUR_CALM,
  NGHTTP2_HTTP_1_1_REQUIRED,
  NGHTTP2_NO_ERROR,
  NGHTTP2_REFUSED_STREAM,
} = constants;

const hang: Step[] = [{ do: "wait", ms: 0 }];
const respond: Step = {
  do: "respond",
  fields: { ":status": 200, "content-type": "application/grpc+proto" },
};

/** A client of a server that answers with these steps. */
async function useClient(
  t: TestContext,
  steps: Step[],
  { interceptors = [] as Interceptor[], readMaxBytes = 1_000 } = {},
) {
  const server = await startOddServer();
  t.after(() => server.close());
  const baseUrl = server.prepare(steps);
  const transport = createGrpcTransport({
    baseUrl,
    interceptors,
    readMaxBytes,
  });
  t.after(() => transport.close());
  const { revertName } = createClient(RevertNameService, transport);
  return { server, baseUrl, revertName };
}

/** The code of the only reset, once the stream is closed. */
function resetCode(server: OddServer, baseUrl: string): Promise<number> {
  return waitFor("the stream to close", () => {
    const [code] = server.resetCodesOf(baseUrl);
    return code === undefined ? undefined : code;
  });
}

suite("a call on the lane", { timeout: 30_000 }, () => {
  test("ends at its deadline, and resets the stream with CANCEL", async (t) => {
    const { server, baseUrl, revertName } = await useClient(t, hang);
    // Long enough to connect: before that, there is no stream to reset.
    await assert.rejects(revertName({}, { timeoutMs: 500 }), {
      code: Code.DeadlineExceeded,
      rawMessage: "the operation timed out",
    });
    assert.equal(await resetCode(server, baseUrl), NGHTTP2_CANCEL);
  });

  test("ends when its caller leaves, and resets the stream with CANCEL", async (t) => {
    const { server, baseUrl, revertName } = await useClient(t, hang);
    const caller = new AbortController();
    const call = revertName({}, { signal: caller.signal });
    await waitFor("the request", () => server.openStreams === 1);
    const reason = new Error("gone home");
    caller.abort(reason);
    await assert.rejects(call, {
      code: Code.Canceled,
      rawMessage: "gone home",
      cause: reason,
    });
    assert.equal(await resetCode(server, baseUrl), NGHTTP2_CANCEL);
    assert.equal(getEventListeners(caller.signal, "abort").length, 0);
  });

  test("is not sent for a caller who has left", async (t) => {
    const { server, baseUrl, revertName } = await useClient(t, hang);
    await assert.rejects(revertName({}, { signal: AbortSignal.abort() }), {
      code: Code.Canceled,
    });
    assert.deepEqual(server.resetCodesOf(baseUrl), []);
    assert.equal(server.openStreams, 0);
  });

  test("says deadline_exceeded when the server's reset is first", async (t) => {
    const reset: Step = { do: "reset", code: NGHTTP2_CANCEL };
    const { revertName } = await useClient(t, [{ do: "wait", ms: 96 }, reset]);
    for (let i = 0; i < 5; i++) {
      await assert.rejects(revertName({}, { timeoutMs: 100 }), {
        code: Code.DeadlineExceeded,
      });
    }
  });

  test("says canceled of such a reset at another time", async (t) => {
    const reset: Step = { do: "reset", code: NGHTTP2_CANCEL };
    const { revertName } = await useClient(t, [reset]);
    await assert.rejects(revertName({}, { timeoutMs: 5_000 }), {
      code: Code.Canceled,
    });
  });

  for (const [reset, code] of [
    [NGHTTP2_NO_ERROR, Code.Internal],
    [NGHTTP2_REFUSED_STREAM, Code.Unavailable],
    [NGHTTP2_ENHANCE_YOUR_CALM, Code.ResourceExhausted],
    [NGHTTP2_HTTP_1_1_REQUIRED, Code.PermissionDenied],
  ] as const) {
    test(`fails with ${Code[code]} when it is reset with ${reset}`, async (t) => {
      const { revertName } = await useClient(t, [{ do: "reset", code: reset }]);
      await assert.rejects(revertName({}), { code });
    });
  }

  test("ends as soon as a message states to be too large", async (t) => {
    const bytes = Buffer.from([0, 0, 0, 255, 255, 1, 2, 3]);
    const { server, baseUrl, revertName } = await useClient(t, [
      respond,
      { do: "write", bytes },
      ...hang,
    ]);
    await assert.rejects(revertName({}), {
      code: Code.ResourceExhausted,
      rawMessage:
        "message size 65535 is larger than configured readMaxBytes 1000",
    });
    assert.equal(await resetCode(server, baseUrl), NGHTTP2_CANCEL);
  });

  test("blames the response that ends inside of a message", async (t) => {
    const { revertName } = await useClient(t, [
      respond,
      { do: "write", bytes: Buffer.from([0, 0]) },
      { do: "trailers", fields: { "grpc-status": "0" } },
    ]);
    await assert.rejects(revertName({}), { code: Code.Internal });
  });

  test("aborts the signal that interceptors see, in the end", async (t) => {
    const signals: AbortSignal[] = [];
    const { revertName } = await useClient(
      t,
      [
        respond,
        { do: "write", bytes: encodeEnvelope(0, new Uint8Array(0)) },
        { do: "trailers", fields: { "grpc-status": "0" } },
      ],
      {
        interceptors: [
          (next) => async (req) => {
            signals.push(req.signal);
            assert.equal(req.signal.aborted, false);
            return await next(req);
          },
        ],
      },
    );
    await revertName({}, { timeoutMs: 5_000 });
    assert.equal(signals[0]?.aborted, true);
    assert.equal(signals[0]?.reason.name, "AbortError");
  });

  test("shows its own end to an interceptor that waits", async (t) => {
    const { revertName } = await useClient(t, hang, {
      interceptors: [
        () => (req) =>
          new Promise((_, reject) =>
            req.signal.addEventListener("abort", () =>
              reject(new Error("the interceptor's own")),
            ),
          ),
      ],
    });
    await assert.rejects(revertName({}, { timeoutMs: 20 }), (error) => {
      assert.ok(error instanceof ConnectError);
      assert.equal(error.code, Code.DeadlineExceeded);
      return true;
    });
  });

  test("has no deadline that a timer cannot reach", async (t) => {
    const { revertName } = await useClient(t, [
      respond,
      { do: "write", bytes: encodeEnvelope(0, new Uint8Array(0)) },
      { do: "wait", ms: 20 },
      { do: "trailers", fields: { "grpc-status": "0" } },
    ]);
    await revertName({}, { timeoutMs: 3_000_000_000 });
  });
});
