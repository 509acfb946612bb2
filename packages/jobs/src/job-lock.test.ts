import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { needsDatabase } from "@both-ends/mongo/test-database";
import type { Db } from "mongodb";
import { editSchedule, pauseJob } from "./edit-job.js";
import { ensureJobs } from "./ensure-jobs.js";
import { jobCollection } from "./job-document.js";
import {
  confirmLock,
  type JobLock,
  releaseLock,
  renewLock,
  takeLock,
} from "./job-lock.js";
import { findJob } from "./scheduled-job.js";
import { useJobsDatabase } from "./use-jobs-database.js";

async function addTick(db: Db): Promise<void> {
  await ensureJobs(db, [
    {
      name: "tick",
      description: "Ticks",
      every: "1 minute",
      timeoutMs: 1_000,
      run: async () => {},
    },
  ]);
}

async function take(
  db: Db,
  options: { lockedBy?: string; lifetimeMs?: number } = {},
): Promise<JobLock | undefined> {
  const { lockedBy = "us", lifetimeMs = 15_000 } = options;
  return await takeLock(db, {
    name: "tick",
    dueBefore: new Date(),
    lifetimeMs,
    lockedBy,
    worker: `worker of ${lockedBy}`,
  });
}

async function mustTake(db: Db, lockedBy?: string): Promise<JobLock> {
  const lock = await take(db, { lockedBy });
  assert.ok(lock, "the job could not be locked");
  return lock;
}

/** Makes the job due again. */
async function rewind(db: Db): Promise<void> {
  await jobCollection(db).updateOne({}, { $set: { nextRunAt: new Date() } });
}

suite("takeLock()", needsDatabase(), () => {
  test("lets one of many have it", async (t) => {
    const { db } = await useJobsDatabase(t);
    await addTick(db);
    for (let round = 0; round < 20; round += 1) {
      const locks = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          take(db, { lockedBy: `worker ${index}` }),
        ),
      );
      const taken = locks.filter((lock) => lock !== undefined);
      assert.equal(taken.length, 1);
      await Promise.all(
        taken.map((lock) => releaseLock(db, lock, { kind: "again" })),
      );
    }
  });

  test("waits for the lifetime of a lock, and takes its own at once", async (t) => {
    const { db } = await useJobsDatabase(t);
    await addTick(db);
    const first = await mustTake(db, "us");
    assert.equal(await take(db, { lockedBy: "them" }), undefined);
    const again = await mustTake(db, "us");
    assert.equal(again.replaced, first.id);
    await delay(20);
    const later = await take(db, { lockedBy: "them", lifetimeMs: 10 });
    assert.equal(later?.replaced, again.id);
    assert.equal(await renewLock(db, again), false);
    assert.equal(await confirmLock(db, again), false);
  });

  test("takes only what is due and not paused", async (t) => {
    const { db } = await useJobsDatabase(t);
    await addTick(db);
    await releaseLock(db, await mustTake(db), { kind: "next" });
    assert.equal(await take(db), undefined);
    await rewind(db);
    await pauseJob(db, "tick", { revision: 1 });
    assert.equal(await take(db), undefined);
  });
});

suite("confirmLock()", needsDatabase(), () => {
  test("refuses to start what was edited since it was locked", async (t) => {
    const { db } = await useJobsDatabase(t);
    await addTick(db);
    const lock = await mustTake(db);
    await editSchedule(db, "tick", { revision: 1, every: "1 hour" });
    assert.equal(await confirmLock(db, lock), false);
    await releaseLock(db, lock, { kind: "again" });
    assert.equal((await findJob(db, "tick"))?.locked, false);
  });
});

suite("releaseLock()", needsDatabase(), () => {
  test("stores the next slot on the old one's grid", async (t) => {
    const { db } = await useJobsDatabase(t);
    await addTick(db);
    const lock = await mustTake(db);
    await releaseLock(db, lock, { kind: "ended", at: new Date() });
    const job = await findJob(db, "tick");
    assert.equal(Number(job?.nextRunAt) - lock.slot.getTime(), 60_000);
    assert.equal(job?.locked, false);
  });

  test("counts failures, and forgets them with a success", async (t) => {
    const { db } = await useJobsDatabase(t);
    await addTick(db);
    for (const failures of [1, 2]) {
      const ended = { kind: "ended", at: new Date(), failure: "no" } as const;
      await releaseLock(db, await mustTake(db), ended);
      const job = await findJob(db, "tick");
      assert.equal(job?.failures, failures);
      assert.equal(job?.lastFailure?.reason, "no");
      await rewind(db);
    }
    const success = { kind: "ended", at: new Date() } as const;
    await releaseLock(db, await mustTake(db), success);
    assert.equal((await findJob(db, "tick"))?.failures, 0);
  });

  test("leaves the lock of another alone", async (t) => {
    const { db } = await useJobsDatabase(t);
    await addTick(db);
    const old = await mustTake(db);
    const now = await mustTake(db);
    await releaseLock(db, old, { kind: "next" });
    assert.equal(await renewLock(db, now), true);
    const job = await findJob(db, "tick");
    assert.deepEqual(job?.nextRunAt, now.slot);
  });

  test("never undoes an edit, however the two meet", async (t) => {
    const { db } = await useJobsDatabase(t);
    await addTick(db);
    let revision = 1;
    let kept = 0;
    for (let round = 0; round < 100; round += 1) {
      await rewind(db);
      const lock = await mustTake(db);
      assert.equal(await confirmLock(db, lock), true);
      const every = 60_000 + round * 1_000;
      const [, edited] = await Promise.all([
        delay(Math.random() * 6).then(() =>
          releaseLock(db, lock, { kind: "ended", at: new Date() }),
        ),
        delay(Math.random() * 6).then(() =>
          editSchedule(db, "tick", { revision, every }),
        ),
      ]);
      revision = edited.revision;
      const job = await findJob(db, "tick");
      assert.deepEqual(job?.schedule, { every });
      assert.deepEqual(job?.nextRunAt, edited.nextRunAt);
      assert.equal(job?.locked, false);
      kept += 1;
    }
    assert.equal(kept, 100);
  });

  test("never undoes a pause, however the two meet", async (t) => {
    const { db } = await useJobsDatabase(t);
    await addTick(db);
    let revision = 1;
    for (let round = 0; round < 50; round += 1) {
      await jobCollection(db).updateOne(
        {},
        { $set: { nextRunAt: new Date(), disabled: false } },
      );
      const lock = await mustTake(db);
      await Promise.all([
        delay(Math.random() * 6).then(() =>
          releaseLock(db, lock, { kind: "ended", at: new Date() }),
        ),
        delay(Math.random() * 6).then(() => pauseJob(db, "tick", { revision })),
      ]);
      revision += 1;
      const job = await findJob(db, "tick");
      assert.equal(job?.state, "paused");
      assert.equal(job?.locked, false);
      assert.equal(Number(job?.nextRunAt) - lock.slot.getTime(), 60_000);
    }
  });
});
