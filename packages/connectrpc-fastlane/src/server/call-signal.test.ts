import assert from "node:assert/strict";
import { once } from "node:events";
import { suite, test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { CallSignal } from "./call-signal.js";

function create(timeoutMs?: number, shutdown?: AbortSignal): CallSignal {
  return new CallSignal({ timeoutMs, startMs: performance.now(), shutdown });
}

const shutDown = new ConnectError("bye", Code.Unavailable);

suite("CallSignal", () => {
  test("aborts at the end of the call as connect-es does", () => {
    const call = create();
    const { signal } = call;
    assert.equal(signal.aborted, false);
    call.abort();
    assert.equal(signal.reason.name, "AbortError");
    assert.equal(signal.reason.message, "This operation was aborted");
  });

  test("keeps the first reason, asked for or not", () => {
    const call = create();
    call.abort(shutDown);
    call.abort(new Error("later"));
    assert.equal(call.signal.reason, shutDown);
  });

  test("aborts at the deadline", async () => {
    const { signal } = create(20);
    await once(signal, "abort");
    assert.equal(ConnectError.from(signal.reason).code, Code.DeadlineExceeded);
  });

  test("knows of a deadline that nobody waited for", async () => {
    const call = create(0);
    call.abort();
    assert.equal(
      ConnectError.from(call.signal.reason).code,
      Code.DeadlineExceeded,
    );
  });

  test("aborts when the server shuts down", () => {
    const shutdown = new AbortController();
    const { signal } = create(undefined, shutdown.signal);
    shutdown.abort(shutDown);
    assert.equal(signal.reason, shutDown);
    assert.equal(create(undefined, shutdown.signal).signal.reason, shutDown);
  });
});
