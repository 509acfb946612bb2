import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import {
  createJob,
  editSchedule,
  JobStateError,
  pauseJob,
  removeJob,
  resumeJob,
  runJobNow,
  StaleRevisionError,
  UnknownJobError,
} from "./edit-job.js";
import { ensureJobs } from "./ensure-jobs.js";
import type { JobDefinition } from "./job-definition.js";
import { InvalidScheduleError } from "./schedule.js";
import { findJob, listJobs } from "./scheduled-job.js";
import { useJobsDatabase } from "./use-jobs-database.js";

const tick: JobDefinition = {
  name: "tick",
  description: "Ticks",
  every: "10 seconds",
  timeoutMs: 1_000,
  run: async () => {},
};

suite("ensureJobs()", needsDatabase(), () => {
  test("makes one document, of three first starts at once", async (t) => {
    const { db } = await useJobsDatabase(t);
    const jobs = [tick, { ...tick, name: "tock" }];
    await Promise.all([1, 2, 3].map(() => ensureJobs(db, jobs)));
    assert.deepEqual(
      (await listJobs(db)).map(({ name, revision }) => [name, revision]),
      [
        ["tick", 1],
        ["tock", 1],
      ],
    );
    assert.equal(await db.collection("agendaJobs").countDocuments(), 2);
  });

  test("keeps what a person changed, and renews what the code says", async (t) => {
    const { db } = await useJobsDatabase(t);
    await ensureJobs(db, [tick]);
    await editSchedule(db, "tick", { revision: 1, every: "1 hour" });
    const paused = await pauseJob(db, "tick", { revision: 2 });
    await ensureJobs(db, [
      { ...tick, every: "1 second", description: "Ticks anew" },
    ]);
    assert.deepEqual(await findJob(db, "tick"), {
      ...paused,
      description: "Ticks anew",
    });
  });
});

suite("editSchedule()", needsDatabase(), () => {
  test("stores the schedule and when it runs next", async (t) => {
    const { db } = await useJobsDatabase(t);
    await ensureJobs(db, [tick]);
    const before = Date.now();
    const edited = await editSchedule(db, "tick", {
      revision: 1,
      every: "1 Hour",
    });
    const inMs = Number(edited.nextRunAt) - before;
    assert.ok(inMs >= 3_600_000 && inMs < 3_602_000, `in ${inMs} ms`);
    assert.deepEqual(edited.schedule, { every: "1 hour" });
    assert.equal(edited.revision, 2);
    const cron = await editSchedule(db, "tick", {
      revision: 2,
      cron: "0 3 * * *",
      timezone: "Asia/Tokyo",
    });
    assert.match(cron.nextRunAt?.toISOString() ?? "", /T18:00:00.000Z$/);
    assert.deepEqual(cron.schedule, {
      cron: "0 3 * * *",
      timezone: "Asia/Tokyo",
    });
    assert.deepEqual(await findJob(db, "tick"), cron);
  });

  test("refuses a stale revision, with the state as it is", async (t) => {
    const { db } = await useJobsDatabase(t);
    await ensureJobs(db, [tick]);
    const current = await editSchedule(db, "tick", {
      revision: 1,
      every: "1 hour",
    });
    await assert.rejects(
      editSchedule(db, "tick", { revision: 1, every: "2 hours" }),
      (error) => {
        assert.ok(error instanceof StaleRevisionError);
        assert.equal(error.message, 'job "tick" is at revision 2, not 1');
        assert.deepEqual(error.current, current);
        return true;
      },
    );
    assert.deepEqual(await findJob(db, "tick"), current);
  });

  test("lets one of many edits of a revision through", async (t) => {
    const { db } = await useJobsDatabase(t);
    await ensureJobs(db, [tick]);
    const edits = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        editSchedule(db, "tick", { revision: 1, every: 60_000 + index }),
      ),
    );
    const done = edits.filter(({ status }) => status === "fulfilled");
    assert.equal(done.length, 1);
    for (const edit of edits) {
      if (edit.status === "rejected") {
        assert.ok(edit.reason instanceof StaleRevisionError);
      }
    }
  });

  test("stores nothing of a schedule that is not valid", async (t) => {
    const { db } = await useJobsDatabase(t);
    await ensureJobs(db, [tick]);
    const before = await findJob(db, "tick");
    await assert.rejects(
      editSchedule(db, "tick", { revision: 1, cron: "99 * * * *" }),
      (error) =>
        error instanceof InvalidScheduleError && /99/.test(error.message),
    );
    await assert.rejects(
      editSchedule(db, "tick", { revision: 1, every: "200 milliseconds" }),
      InvalidScheduleError,
    );
    assert.deepEqual(await findJob(db, "tick"), before);
  });

  test("does not know jobs that were never started", async (t) => {
    const { db } = await useJobsDatabase(t);
    await assert.rejects(
      editSchedule(db, "nobody", { revision: 1, every: "1 hour" }),
      (error) =>
        error instanceof UnknownJobError &&
        error.message === 'no job is named "nobody"',
    );
  });
});

suite("pauseJob(), resumeJob(), runJobNow()", needsDatabase(), () => {
  test("keep the schedule and go on with its next slot", async (t) => {
    const { db } = await useJobsDatabase(t);
    await ensureJobs(db, [tick]);
    const first = await findJob(db, "tick");
    assert.equal((await pauseJob(db, "tick", { revision: 1 })).state, "paused");
    await assert.rejects(
      runJobNow(db, "tick", { revision: 2 }),
      (error) =>
        error instanceof JobStateError &&
        error.message === 'job "tick" is paused',
    );
    const resumed = await resumeJob(db, "tick", { revision: 2 });
    assert.equal(resumed.state, "active");
    assert.equal(Number(resumed.nextRunAt) - Number(first?.nextRunAt), 10_000);
    await assert.rejects(resumeJob(db, "tick", { revision: 3 }), JobStateError);
    const asked = await runJobNow(db, "tick", { revision: 3 });
    assert.ok(Number(asked.nextRunAt) <= Date.now());
    assert.deepEqual(asked.schedule, { every: "10 seconds" });
  });
});

suite("removeJob(), createJob()", needsDatabase(), () => {
  test("keep a job off the schedule over restarts, until it is created", async (t) => {
    const { db } = await useJobsDatabase(t);
    await ensureJobs(db, [tick]);
    await removeJob(db, "tick", { revision: 1 });
    await ensureJobs(db, [tick]);
    assert.equal((await findJob(db, "tick"))?.state, "removed");
    for (const edit of [pauseJob, resumeJob, runJobNow, removeJob]) {
      await assert.rejects(edit(db, "tick", { revision: 2 }), JobStateError);
    }
    const created = await createJob(db, "tick", {
      revision: 2,
      every: "1 minute",
    });
    assert.equal(created.state, "active");
    assert.deepEqual(created.schedule, { every: "1 minute" });
    await assert.rejects(
      createJob(db, "tick", { revision: 3, every: "1 minute" }),
      JobStateError,
    );
  });
});
