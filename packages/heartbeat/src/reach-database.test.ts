import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { suite, test } from "node:test";
import { MongoNetworkError } from "mongodb";
import { HeartbeatStoreUnavailableError } from "./heartbeat-store-error.js";
import { reachDatabase } from "./reach-database.js";

const never = () => new Promise<never>(() => {});

suite("reachDatabase()", { timeout: 10_000 }, () => {
  test("gives the result, and leaves the signal alone afterwards", async () => {
    const { signal } = new AbortController();
    const reach = { signal, timeoutMs: 1_000 };
    assert.equal(await reachDatabase(async () => 7, reach), 7);
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  test("gives up after its time, with what it waited for", async () => {
    await assert.rejects(reachDatabase(never, { timeoutMs: 20 }), {
      name: "HeartbeatStoreUnavailableError",
      message: "the heartbeat database did not answer within 20 ms",
    });
  });

  test("gives up when its signal aborts, with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error("the caller left");
    const work = reachDatabase(never, {
      signal: controller.signal,
      timeoutMs: 5_000,
    });
    controller.abort(reason);
    await assert.rejects(work, (error) => error === reason);
  });

  test("does not begin when its signal has aborted", async () => {
    const reason = new Error("the caller left");
    const reach = { signal: AbortSignal.abort(reason), timeoutMs: 5_000 };
    let begun = false;
    const work = reachDatabase(async () => {
      begun = true;
    }, reach);
    await assert.rejects(work, (error) => error === reason);
    assert.equal(begun, false);
  });

  test("names a database that is away, with the driver's error as the cause", async () => {
    const origin = new MongoNetworkError("connection closed");
    const work = reachDatabase(() => Promise.reject(origin), {
      timeoutMs: 1_000,
    });
    await assert.rejects(work, (error) => {
      assert(error instanceof HeartbeatStoreUnavailableError);
      assert.equal(error.cause, origin);
      return true;
    });
  });

  test("gives other errors as they are", async () => {
    const origin = new TypeError("not a function");
    const work = reachDatabase(() => Promise.reject(origin), {
      timeoutMs: 1_000,
    });
    await assert.rejects(work, (error) => error === origin);
  });
});
