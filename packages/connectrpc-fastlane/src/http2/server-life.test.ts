import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { suite, type TestContext, test } from "node:test";
import { ServerLife } from "./server-life.js";

/** A life whose timers a test moves, with a socket that only says what happens to it. */
function useLife(t: TestContext) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const events = new EventEmitter();
  const destroy = t.mock.fn(() => events.emit("close"));
  // No more of a socket is used.
  const socket = Object.assign(events, {
    destroy,
    end() {},
  }) as unknown as Socket;
  const limits = {
    maxConcurrentStreams: 1,
    maxHeaderSizeBytes: 1,
    prefaceTimeoutMs: 0,
    sessionIdleTimeoutMs: 0,
    requestTimeoutMs: 0,
    shutdownGraceMs: 10_000,
  };
  const life = new ServerLife(socket, limits, {
    isBusy: () => false,
    announce() {},
    finish() {},
    flush() {},
    onLimit() {},
  });
  return { life, socket, destroy };
}

suite("ServerLife", () => {
  test("cuts a client that sends nothing after this side has ended", (t) => {
    const { life, destroy } = useLife(t);
    life.endSocket();
    t.mock.timers.tick(1_999);
    assert.equal(destroy.mock.callCount(), 0);
    t.mock.timers.tick(1);
    assert.equal(destroy.mock.callCount(), 1);
  });

  test("waits for a client that still reads, for the time of a shutdown", (t) => {
    const { life, socket, destroy } = useLife(t);
    life.endSocket();
    for (let ms = 0; ms < 9_000; ms += 1_000) {
      t.mock.timers.tick(1_000);
      socket.emit("data", Buffer.of());
    }
    assert.equal(destroy.mock.callCount(), 0);
    t.mock.timers.tick(1_000);
    assert.equal(destroy.mock.callCount(), 1);
  });

  test("waits no longer than it is told to for a client that broke the protocol", (t) => {
    const { life, socket, destroy } = useLife(t);
    life.endSocket(2_000);
    t.mock.timers.tick(1_000);
    socket.emit("data", Buffer.of());
    t.mock.timers.tick(1_000);
    assert.equal(destroy.mock.callCount(), 1);
  });
});
