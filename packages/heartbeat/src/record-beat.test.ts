import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { MongoServerError } from "mongodb";
import { heartbeatCollections } from "./heartbeat-documents.js";
import { createHeartbeatStore } from "./heartbeat-store.js";
import { createRecordBeat } from "./record-beat.js";
import { testStart, useHeartbeatStore } from "./use-heartbeat-store.js";

const first = { serviceName: "time", instanceId: "host-a:1" };
const options = { ...needsDatabase(), timeout: 30_000 };

suite("recordBeat()", () => {
  test(
    "stores the state and the history, and answers the time",
    options,
    async (t) => {
      const { store, clock } = await useHeartbeatStore(t);
      assert.deepEqual(await store.recordBeat(first), { time: testStart });
      clock.advance(7_000);
      const { time } = await store.recordBeat({
        serviceName: "time",
        instanceId: "host-b:2",
        intervalMs: 30_000,
      });
      assert.equal(time.getTime(), testStart.getTime() + 7_000);
      assert.deepEqual(await store.listStates(), [
        {
          serviceName: "time",
          instanceId: "host-b:2",
          intervalMs: 30_000,
          firstSeen: testStart,
          lastSeen: time,
          beats: 2,
          state: "alive",
        },
      ]);
      assert.deepEqual((await store.listBeats()).beats, [
        {
          serviceName: "time",
          instanceId: "host-b:2",
          intervalMs: 30_000,
          time,
        },
        { ...first, intervalMs: 10_000, time: testStart },
      ]);
    },
  );

  test(
    "keeps what it acknowledged when the database is killed",
    options,
    async (t) => {
      const { store, database } = await useHeartbeatStore(t);
      await store.recordBeat(first);
      await database.kill();
      await database.restart();
      const [state] = await store.listStates();
      assert.equal(state?.beats, 1);
      assert.equal((await store.listBeats()).beats.length, 1);
    },
  );

  test(
    "counts 50 beats of one new service at once as 50",
    options,
    async (t) => {
      const { store } = await useHeartbeatStore(t);
      await Promise.all(
        Array.from({ length: 50 }, () => store.recordBeat(first)),
      );
      const [state, ...others] = await store.listStates();
      assert.equal(state?.beats, 50);
      assert.deepEqual(others, []);
      const { beats } = await store.listBeats({ pageSize: 1_000 });
      assert.equal(beats.length, 50);
    },
  );

  test(
    "counts the first beats that two servers race to store",
    options,
    async (t) => {
      const { db, store, clock } = await useHeartbeatStore(t);
      const other = createHeartbeatStore({ db, now: clock.now });
      for (let round = 0; round < 8; round += 1) {
        const beat = { ...first, serviceName: `service-${round}` };
        await Promise.all([store.recordBeat(beat), other.recordBeat(beat)]);
      }
      const states = await store.listStates();
      assert.deepEqual(
        states.map(({ beats }) => beats),
        Array.from({ length: 8 }, () => 2),
      );
    },
  );

  test(
    "tries again once when another server made the document first",
    options,
    async (t) => {
      const { db, store, clock } = await useHeartbeatStore(t);
      const failures = { left: 1 };
      const recordBeat = createRecordBeat(
        collide(heartbeatCollections(db), failures),
        {
          now: clock.now,
          maxServices: 10,
        },
      );
      await recordBeat(first);
      const [state] = await store.listStates();
      assert.equal(state?.beats, 1);
      assert.equal((await store.listBeats()).beats.length, 1);
      failures.left = 2;
      await assert.rejects(recordBeat(first), { code: 11_000 });
    },
  );

  test("never takes back the time of the last beat", options, async (t) => {
    const { db, store, clock } = await useHeartbeatStore(t);
    const slow = createHeartbeatStore({
      db,
      now: () => new Date(testStart.getTime() - 60_000),
    });
    await store.recordBeat(first);
    await slow.recordBeat({ ...first, instanceId: "host-b:2" });
    clock.advance(19_999);
    const [state] = await store.listStates();
    assert.deepEqual(state?.lastSeen, testStart);
    assert.equal(state?.state, "alive");
    assert.equal(state?.beats, 2);
  });

  test(
    "refuses one service too many, and records nothing of it",
    options,
    async (t) => {
      const { store } = await useHeartbeatStore(t, { maxServices: 2 });
      await store.recordBeat({ ...first, serviceName: "a" });
      await store.recordBeat({ ...first, serviceName: "b" });
      await assert.rejects(store.recordBeat({ ...first, serviceName: "c" }), {
        name: "TooManyServicesError",
        message: 'service "c" is not recorded: there are 2 services already',
      });
      await store.recordBeat({ ...first, serviceName: "a" });
      const { beats } = await store.listBeats();
      assert.deepEqual(beats.map(({ serviceName }) => serviceName).sort(), [
        "a",
        "a",
        "b",
      ]);
    },
  );

  test(
    "leaves no state without its history when the database goes between the two",
    options,
    async (t) => {
      const { db, store, clock, database } = await useHeartbeatStore(t);
      const collections = heartbeatCollections(db);
      const recordBeat = createRecordBeat(
        {
          ...collections,
          states: interceptUpdates(collections.states, () => database.kill()),
        },
        { now: clock.now, maxServices: 10 },
      );
      await assert.rejects(recordBeat(first));
      await database.restart();
      assert.deepEqual(await store.listStates(), []);
      assert.equal((await store.listBeats()).beats.length, 1);
    },
  );
});

type Collections = ReturnType<typeof heartbeatCollections>;

/** Does something before each update; all else goes through untouched. */
function interceptUpdates(
  states: Collections["states"],
  before: () => void | Promise<void>,
): Collections["states"] {
  return new Proxy(states, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== "function") {
        return value;
      }
      return property === "updateOne"
        ? async (...args: unknown[]) => {
            await before();
            return await value.apply(target, args);
          }
        : value.bind(target);
    },
  });
}

/** Lets updates collide as MongoDB does when two upserts race. */
function collide(
  collections: Collections,
  failures: { left: number },
): Collections {
  const states = interceptUpdates(collections.states, () => {
    if (failures.left > 0) {
      failures.left -= 1;
      throw new MongoServerError({
        message: "E11000 duplicate key error",
        code: 11_000,
      });
    }
  });
  return { ...collections, states };
}
