import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HeartbeatStoreUnavailableError } from "@both-ends/heartbeat";
import { Code, ConnectError } from "@connectrpc/connect";
import { createAdminHeartbeats } from "./admin-heartbeats.js";

suite("createAdminHeartbeats(store)", () => {
  test("fails with unavailable while the database is away", async () => {
    const away = async () => {
      throw new HeartbeatStoreUnavailableError("no answer within 5000 ms");
    };
    const store = createAdminHeartbeats({ forget: away, listBeatTimes: away });
    for (const call of [
      store.forget("time"),
      store.listBeatTimes({ limit: 1 }),
    ]) {
      await assert.rejects(
        call,
        (error) =>
          error instanceof ConnectError && error.code === Code.Unavailable,
      );
    }
  });

  test("gives back what the store answers", async () => {
    const times = [new Date(0)];
    const store = createAdminHeartbeats({
      forget: async () => "unknown",
      listBeatTimes: async () => times,
    });
    assert.equal(await store.forget("nobody"), "unknown");
    assert.equal(await store.listBeatTimes({ limit: 1 }), times);
  });
});
