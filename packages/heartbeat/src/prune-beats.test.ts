import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { type Db, ObjectId } from "mongodb";
import { heartbeatCollections } from "./heartbeat-documents.js";
import { testStart, useHeartbeatStore } from "./use-heartbeat-store.js";

const options = { ...needsDatabase(), timeout: 60_000 };
const dayMs = 24 * 3_600_000;

/** Stores beats of these ages, in milliseconds. */
async function insertBeats(db: Db, ages: readonly number[]): Promise<void> {
  const { history } = heartbeatCollections(db);
  for (let index = 0; index < ages.length; index += 2_000) {
    await history.insertMany(
      ages.slice(index, index + 2_000).map((age) => ({
        _id: new ObjectId(),
        service: "time",
        instance_id: `${age}`,
        interval_ms: 10_000,
        time: new Date(testStart.getTime() - age),
      })),
    );
  }
}

suite("prune()", () => {
  test(
    "removes beats older than 7 days and no others, and no state",
    options,
    async (t) => {
      const { db, store } = await useHeartbeatStore(t);
      await store.recordBeat({ serviceName: "time", instanceId: "0" });
      await insertBeats(db, [7 * dayMs, 7 * dayMs + 1, 30 * dayMs]);
      assert.deepEqual(await store.prune(), { byAge: 2, byCount: 0 });
      const { beats } = await store.listBeats();
      assert.deepEqual(
        beats.map(({ instanceId }) => instanceId),
        ["0", `${7 * dayMs}`],
      );
      assert.equal((await store.listStates()).length, 1);
    },
  );

  test(
    "keeps exactly the newest of those of one millisecond too",
    options,
    async (t) => {
      const { db, store } = await useHeartbeatStore(t);
      await insertBeats(db, [0, 5, 5, 5, 5, 9]);
      const before = await store.listBeats();
      assert.deepEqual(await store.prune({ maxCount: 3 }), {
        byAge: 0,
        byCount: 3,
      });
      const after = await store.listBeats();
      assert.deepEqual(after.beats, before.beats.slice(0, 3));
      assert.deepEqual(await store.prune({ maxCount: 3 }), {
        byAge: 0,
        byCount: 0,
      });
    },
  );

  test("removes all with a count of 0", options, async (t) => {
    const { db, store } = await useHeartbeatStore(t);
    await insertBeats(db, [0, 1]);
    assert.equal((await store.prune({ maxCount: 0 })).byCount, 2);
    assert.deepEqual((await store.listBeats()).beats, []);
  });

  test(
    "removes more than one step's worth by age and by count",
    options,
    async (t) => {
      const { db, store } = await useHeartbeatStore(t);
      await store.ensureIndexes();
      const ages = Array.from({ length: 10_000 }, (_, index) => index * 60_000);
      await insertBeats(db, ages);
      const begun = performance.now();
      const result = await store.prune({
        maxAgeMs: 8_000 * 60_000,
        maxCount: 2_500,
      });
      const tookMs = performance.now() - begun;
      t.diagnostic(`pruned 10,000 beats in ${Math.round(tookMs)} ms`);
      assert.deepEqual(result, { byAge: 1_999, byCount: 5_501 });
      const { beats } = await store.listBeats({ pageSize: 10_000 });
      assert.deepEqual(
        beats.map(({ instanceId }) => Number(instanceId)),
        ages.slice(0, 2_500),
      );
      assert(tookMs < 20_000, `pruning took ${tookMs} ms`);
    },
  );
});
