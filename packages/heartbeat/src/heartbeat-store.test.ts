import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { heartbeatIndexes } from "./heartbeat-documents.js";
import type { HeartbeatStore } from "./heartbeat-store.js";
import { testStart, useHeartbeatStore } from "./use-heartbeat-store.js";

const beat = { serviceName: "time", instanceId: "host:1" };
const options = { ...needsDatabase(), timeout: 60_000 };
const hourMs = 3_600_000;

suite("forget()", () => {
  test(
    "forgets a service that has been silent for an hour, not its history",
    options,
    async (t) => {
      const { store, clock } = await useHeartbeatStore(t);
      await store.recordBeat(beat);
      clock.advance(hourMs - 1);
      assert.equal(await store.forget("time"), "beating");
      clock.advance(1);
      assert.equal(await store.forget("time"), "forgotten");
      assert.deepEqual(await store.listStates(), []);
      assert.equal((await store.listBeats()).beats.length, 1);
      assert.equal(await store.forget("time"), "unknown");
    },
  );

  test("lets a forgotten service begin anew", options, async (t) => {
    const { store, clock } = await useHeartbeatStore(t);
    await store.recordBeat(beat);
    await store.recordBeat(beat);
    clock.advance(hourMs);
    await store.forget("time");
    await store.recordBeat(beat);
    const [state] = await store.listStates();
    assert.equal(state?.beats, 1);
    assert.equal(state?.firstSeen.getTime(), testStart.getTime() + hourMs);
  });
});

suite("ensureIndexes()", () => {
  test(
    "declares each index once, however often it is called",
    options,
    async (t) => {
      const { db, store } = await useHeartbeatStore(t);
      await store.ensureIndexes();
      await store.recordBeat(beat);
      await store.ensureIndexes();
      await Promise.all([store.ensureIndexes(), store.ensureIndexes()]);
      for (const { collection, key } of heartbeatIndexes) {
        const found = await db.collection(collection).indexes();
        const same = found.filter(
          (index) => JSON.stringify(index.key) === JSON.stringify(key),
        );
        assert.equal(same.length, 1);
      }
    },
  );
});

suite("createHeartbeatStore() on a database that is away", () => {
  const calls: Record<string, (store: HeartbeatStore) => Promise<unknown>> = {
    recordBeat: (store) => store.recordBeat(beat),
    listStates: (store) => store.listStates(),
    listBeats: (store) => store.listBeats(),
    listBeatTimes: (store) => store.listBeatTimes({ limit: 1 }),
    forget: (store) => store.forget("time"),
    prune: (store) => store.prune(),
    ensureIndexes: (store) => store.ensureIndexes(),
  };
  const unavailable = { name: "HeartbeatStoreUnavailableError" };

  test(
    "refuses each call as unavailable, and works when it is back",
    options,
    async (t) => {
      const { store, database } = await useHeartbeatStore(t);
      await store.recordBeat(beat);
      await database.kill();
      await Promise.all(
        Object.values(calls).map((call) =>
          assert.rejects(call(store), unavailable),
        ),
      );
      await database.restart();
      await store.recordBeat(beat);
      const [state] = await store.listStates();
      assert.equal(state?.beats, 2);
    },
  );

  test(
    "refuses each call in time when it hangs, and works when it goes on",
    options,
    async (t) => {
      const { store, database } = await useHeartbeatStore(t, {
        timeoutMs: 500,
      });
      await store.recordBeat(beat);
      await database.stop();
      const begun = performance.now();
      await Promise.all(
        Object.values(calls).map((call) =>
          assert.rejects(call(store), unavailable),
        ),
      );
      const tookMs = performance.now() - begun;
      assert(tookMs < 10_000, `the last call took ${tookMs} ms`);
      const short = performance.now();
      await assert.rejects(
        store.listStates({}, { timeoutMs: 50 }),
        unavailable,
      );
      assert(performance.now() - short < 400);
      database.resume();
      await store.recordBeat(beat, { timeoutMs: 20_000 });
    },
  );

  test(
    "gives up with the signal's reason when it hangs",
    options,
    async (t) => {
      const { store, database } = await useHeartbeatStore(t);
      await database.stop();
      const reason = new Error("the caller left");
      const signal = AbortSignal.abort(reason);
      await assert.rejects(
        store.recordBeat(beat, { signal }),
        (error) => error === reason,
      );
      const controller = new AbortController();
      const listed = store.listStates({}, { signal: controller.signal });
      controller.abort(reason);
      await assert.rejects(listed, (error) => error === reason);
    },
  );
});
