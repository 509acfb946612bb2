import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { createPruneHeartbeatsJob } from "./prune-heartbeats-job.js";
import { useHeartbeatStore } from "./use-heartbeat-store.js";

const options = { ...needsDatabase(), timeout: 30_000 };

suite("createPruneHeartbeatsJob()", () => {
  test(
    "declares the indexes, prunes as it is told, and tells what it did",
    options,
    async (t) => {
      const { db, store, clock } = await useHeartbeatStore(t);
      const context = {
        signal: new AbortController().signal,
        data: undefined,
        runId: "prune-heartbeats-1",
        scheduledFor: clock.now(),
        intervalMs: 3_600_000,
        log: () => {},
      };
      for (let second = 0; second < 6; second += 1) {
        await store.recordBeat({ serviceName: "time", instanceId: "1" });
        clock.advance(1_000);
      }
      const job = createPruneHeartbeatsJob(store, {
        maxAgeMs: 5_000,
        maxCount: 2,
      });
      assert.equal(job.name, "prune-heartbeats");
      assert.equal(
        await job.run(context),
        "removed 1 beats for their age and 3 for their number",
      );
      assert.equal((await store.listBeats()).beats.length, 2);
      const indexes = await db.collection("heartbeat_history").indexes();
      assert.equal(indexes.length, 3);
    },
  );

  test("stops when the run is told to", options, async (t) => {
    const { store } = await useHeartbeatStore(t);
    const reason = new Error("the worker closes");
    const job = createPruneHeartbeatsJob(store);
    const run = job.run({
      signal: AbortSignal.abort(reason),
      data: undefined,
      runId: "prune-heartbeats-1",
      scheduledFor: new Date(),
      intervalMs: 3_600_000,
      log: () => {},
    });
    await assert.rejects(run, (error) => error === reason);
  });
});
