import assert from "node:assert/strict";
import type { EventEmitter } from "node:events";
import { suite, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { waitFor } from "@both-ends/testing";
import type { Db } from "mongodb";
import { editSchedule, pauseJob, resumeJob, runJobNow } from "./edit-job.js";
import { ensureJobs } from "./ensure-jobs.js";
import type { JobContext, JobDefinition } from "./job-definition.js";
import { jobCollection } from "./job-document.js";
import { takeLock } from "./job-lock.js";
import { findRun, listRuns, type Run } from "./list-runs.js";
import type { Logger } from "./logger.js";
import { runCollection } from "./run-document.js";
import { InvalidScheduleError } from "./schedule.js";
import { findJob } from "./scheduled-job.js";
import { type JobsDatabase, useJobsDatabase } from "./use-jobs-database.js";
import { createWorkerJobs, type WorkerJobs } from "./worker-jobs.js";

function job(
  run: JobDefinition["run"],
  change: Partial<{
    every: string | number;
    timeoutMs: number;
    lockLifetimeMs: number;
    data: unknown;
  }> = {},
): JobDefinition {
  const description = "What the test does";
  const every = "1 hour";
  return { name: "job", description, every, timeoutMs: 5_000, run, ...change };
}

function useWorkerJobs(
  { db, after }: JobsDatabase,
  options: { jobs: readonly JobDefinition[]; logger?: Logger },
): WorkerJobs {
  const worker = createWorkerJobs({ db, worker: "test:1", ...options });
  after(() => worker.close({ timeoutMs: 500 }));
  worker.start();
  return worker;
}

/** Work that the test watches and ends. */
function controlledWork() {
  const contexts: JobContext[] = [];
  let end = (_result?: string): void => {
    throw new Error("no work has begun");
  };
  return {
    contexts,
    /** Waits for it: a run is recorded a little before its work begins. */
    begun: async (count = 1): Promise<JobContext> =>
      await waitFor(`work to begin, time ${count}`, () => contexts[count - 1]),
    end: (result?: string) => end(result),
    run: async (context: JobContext): Promise<string | undefined> => {
      contexts.push(context);
      return await new Promise((resolve) => {
        end = resolve;
      });
    },
  };
}

async function waitForRun(
  db: Db,
  outcome: Run["outcome"],
  timeoutMs = 10_000,
): Promise<Run> {
  return await waitFor(
    `a run in ${outcome}`,
    async () => (await listRuns(db, { outcome })).runs[0],
    { timeoutMs },
  );
}

suite("createWorkerJobs()", { ...needsDatabase(), concurrency: 4 }, () => {
  test("does nothing until it is started", async (t) => {
    const { db } = await useJobsDatabase(t);
    const worker = createWorkerJobs({ db, worker: "test:1", jobs: [] });
    t.after(() => worker.close());
    assert.deepEqual(worker.status(), {
      running: false,
      reason: "not started",
    });
    assert.deepEqual(await db.listCollections().toArray(), []);
  });

  test("records a run from its start to its end", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    const work = controlledWork();
    const worker = useWorkerJobs(database, {
      jobs: [job(work.run, { data: 7 })],
    });
    const context = await work.begun();
    const running = await waitForRun(db, "running");
    assert.equal(context.runId, running.id);
    assert.deepEqual(context.scheduledFor, running.scheduledFor);
    assert.equal(context.data, 7);
    assert.equal(running.endedAt, undefined);
    assert.equal((await findJob(db, "job"))?.locked, true);
    context.log("half way");
    await waitFor("the log of the run", async () => {
      const run = await findRun(db, running.id);
      return run?.log[0] === "half way";
    });
    context.log("nearly there");
    work.end("done");
    const run = await waitForRun(db, "success");
    assert.equal(run.id, running.id);
    assert.equal(run.worker, "test:1");
    assert.equal(run.result, "done");
    const details = await findRun(db, run.id);
    assert.deepEqual(details?.log, ["half way", "nearly there"]);
    assert.equal(details.data, 7);
    assert.equal(details.requestedBy, undefined);
    assert.ok(run.endedAt && run.endedAt >= run.startedAt);
    await waitFor("the lock to be handed back", async () => {
      return (await findJob(db, "job"))?.locked === false;
    });
    assert.deepEqual(worker.status(), { running: true });
  });

  test("records what a failed run threw, without the stack", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    const events: string[] = [];
    const worker = useWorkerJobs(database, {
      jobs: [
        job(async () => {
          throw new TypeError(`no luck ${"x".repeat(600)}`);
        }),
      ],
    });
    for (const event of ["start", "success", "fail", "complete"] as const) {
      worker.agenda.once(event, () => events.push(event));
    }
    const run = await waitForRun(db, "failure");
    assert.equal(run.failure?.length, 500);
    assert.match(run.failure ?? "", /^no luck xxx/);
    assert.equal(run.result, undefined);
    const failed = await waitFor("the failure to be counted", async () => {
      const now = await findJob(db, "job");
      return now?.failures === 1 ? now : undefined;
    });
    assert.match(failed.lastFailure?.reason ?? "", /^no luck/);
    assert.deepEqual(events, ["start", "fail", "complete"]);
  });

  test("ends a run that outlives its time, as a failure", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    const seen: unknown[] = [];
    useWorkerJobs(database, {
      jobs: [
        job(
          async ({ signal }) => {
            await delay(60_000, undefined, { signal }).catch(() => {});
            seen.push(signal.reason);
            return "late, but well";
          },
          { timeoutMs: 200 },
        ),
      ],
    });
    const run = await waitForRun(db, "failure");
    assert.equal(run.failure, "timed out after 200 ms");
    assert.match(String(seen[0]), /timed out after 200 ms/);
  });

  test("gives up a run that does not stop for its signal", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    useWorkerJobs(database, {
      jobs: [job(controlledWork().run, { timeoutMs: 200 })],
    });
    const run = await waitForRun(db, "failure");
    assert.equal(
      run.failure,
      "timed out after 200 ms, and did not stop within 5000 ms",
    );
    assert.equal((await listRuns(db)).runs.length, 1);
  });

  test("runs each slot once, on time", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    // So that half of the slots lie between two scans.
    const jobs = [job(async () => {}, { every: 1_500 })];
    useWorkerJobs(database, { jobs });
    useWorkerJobs(database, { jobs });
    const runs = await waitFor("five runs", async () => {
      const page = await listRuns(db, { outcome: "success" });
      return page.runs.length >= 5 ? page.runs.toReversed() : undefined;
    });
    const [first] = runs;
    assert.ok(first);
    runs.forEach(({ scheduledFor, startedAt, id }, index) => {
      assert.equal(+scheduledFor - +first.scheduledFor, index * 1_500);
      assert.ok(startedAt >= scheduledFor, `${id} began early`);
      // Agenda alone starts every sixth run up to a second late.
      assert.ok(+startedAt - +scheduledFor < 500 || index === 0, `${id} late`);
    });
  });

  test("keeps the lock of a run that takes longer than its lifetime", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    const errors: unknown[] = [];
    const jobs = [
      job(
        async ({ signal }) => {
          await delay(4_500, undefined, { signal });
          return "whole";
        },
        { lockLifetimeMs: 2_000 },
      ),
    ];
    const worker = useWorkerJobs(database, { jobs });
    worker.agenda.on("error", (error) => errors.push(error));
    useWorkerJobs(database, { jobs });
    const run = await waitForRun(db, "success");
    assert.equal(run.result, "whole");
    assert.equal((await listRuns(db)).runs.length, 1);
    assert.deepEqual(errors, []);
  });

  test("holds an edit made during a run", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    const work = controlledWork();
    useWorkerJobs(database, { jobs: [job(work.run)] });
    await work.begun();
    const edited = await editSchedule(db, "job", {
      revision: 1,
      every: "2 hours",
    });
    work.end();
    await waitForRun(db, "success");
    const after = await waitFor("the lock to be handed back", async () => {
      const now = await findJob(db, "job");
      return now?.locked === false ? now : undefined;
    });
    assert.deepEqual(after.schedule, { every: "2 hours" });
    assert.deepEqual(after.nextRunAt, edited.nextRunAt);
    assert.equal(after.revision, 2);
  });

  test("stays paused after a run that ended meanwhile, until it is resumed", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    const work = controlledWork();
    useWorkerJobs(database, { jobs: [job(work.run, { every: 1_000 })] });
    await work.begun();
    await pauseJob(db, "job", { revision: 1 });
    work.end();
    await waitForRun(db, "success");
    const paused = await waitFor("the lock to be handed back", async () => {
      const now = await findJob(db, "job");
      return now?.locked === false ? now : undefined;
    });
    assert.equal(paused.state, "paused");
    await waitFor("its next slot to pass", () => {
      return Date.now() > Number(paused.nextRunAt) + 1_200;
    });
    assert.equal(work.contexts.length, 1);
    await resumeJob(db, "job", { revision: 2 });
    await work.begun(2);
    work.end();
  });

  test("runs at once when asked to, after the run that goes on", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    const work = controlledWork();
    useWorkerJobs(database, { jobs: [job(work.run)] });
    await work.begun();
    const asked = await runJobNow(db, "job", { revision: 1 });
    assert.equal(work.contexts.length, 1);
    work.end();
    const second = await work.begun(2);
    assert.deepEqual(second.scheduledFor, asked.nextRunAt);
    work.end();
  });

  test("does not start a slot again that was run to its end", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    const starts: string[] = [];
    const definition = job(async ({ runId }) => {
      starts.push(runId);
    });
    const first = useWorkerJobs(database, { jobs: [definition] });
    const run = await waitForRun(db, "success");
    await first.close();
    // As if its worker had died between the end of the run and the release.
    await jobCollection(db).updateOne(
      {},
      { $set: { nextRunAt: run.scheduledFor } },
    );
    useWorkerJobs(database, { jobs: [definition] });
    await waitFor("the slot to be passed over", async () => {
      return Number((await findJob(db, "job"))?.nextRunAt) > Date.now();
    });
    assert.deepEqual(starts, [run.id]);
  });

  test("starts a slot again only when its run is lost, three times at most", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    const work = controlledWork();
    const definition = job(work.run, { lockLifetimeMs: 2_000 });
    await ensureJobs(db, [definition]);
    const lock = await takeLock(db, {
      name: "job",
      dueBefore: new Date(),
      lifetimeMs: 2_000,
      lockedBy: "somebody dead",
      worker: "dead:1",
    });
    assert.ok(lock);
    const dead = {
      _id: `job@${lock.slot.toISOString()}`,
      job: "job",
      started_at: new Date(),
      worker: "dead:1",
      lock_id: lock.id,
      lock_expires_at: new Date(lock.expiresAt),
      outcome: "running",
    } as const;
    await runCollection(db).insertOne({ ...dead });
    const lost: string[] = [];
    const worker = useWorkerJobs(database, { jobs: [definition] });
    const events: EventEmitter = worker.agenda;
    events.on("lost", ({ runId }) => lost.push(runId));
    const second = await work.begun();
    assert.equal(second.runId, `${dead._id}#2`);
    assert.ok(Date.now() >= lock.expiresAt);
    assert.deepEqual(lost, [dead._id]);
    work.end();
    await waitForRun(db, "success");
    const history = (await listRuns(db)).runs.map(
      ({ id, outcome, attempt }) => [id, outcome, attempt],
    );
    assert.deepEqual(history, [
      [`${dead._id}#2`, "success", 2],
      [dead._id, "lost", 1],
    ]);
  });

  test("goes on when a listener of Agenda throws", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    const work = controlledWork();
    const { agenda } = useWorkerJobs(database, {
      jobs: [job(work.run, { every: 1_000 })],
    });
    agenda.once("start", () => {
      throw new Error("a listener's mistake");
    });
    const failed = await waitForRun(db, "failure");
    assert.equal(failed.failure, "its work was not begun");
    await work.begun();
    assert.equal(work.contexts.length, 1);
    work.end();
  });

  test("gives up a slot that was lost three times", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    const starts: string[] = [];
    const definition = job(async ({ runId }) => {
      starts.push(runId);
    });
    await ensureJobs(db, [definition]);
    const slot = (await findJob(db, "job"))?.nextRunAt;
    assert.ok(slot);
    const lost = [1, 2, 3].map((attempt) => ({
      _id: `job@${slot.toISOString()}${attempt === 1 ? "" : `#${attempt}`}`,
      job: "job",
      started_at: new Date(0),
      worker: "dead:1",
      lock_id: `lock ${attempt}`,
      lock_expires_at: new Date(0),
      outcome: attempt === 1 ? ("lost" as const) : ("running" as const),
    }));
    await runCollection(db).insertMany(lost);
    useWorkerJobs(database, { jobs: [definition] });
    await waitFor("the slot to be given up", async () => {
      return Number((await findJob(db, "job"))?.nextRunAt) > Date.now();
    });
    assert.deepEqual(starts, []);
    assert.equal((await listRuns(db, { outcome: "lost" })).runs.length, 3);
  });

  test("refuses edits through Agenda, which know no revision", async (t) => {
    const database = await useJobsDatabase(t);
    const { agenda } = useWorkerJobs(database, { jobs: [job(async () => {})] });
    await assert.rejects(agenda.every("1 minute", "job"), /edit them with/);
    await assert.rejects(agenda.cancel({ name: "job" }), /edit them with/);
    await assert.rejects(agenda.disable({ name: "job" }), /edit them with/);
  });

  test("refuses definitions that are wrong", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    const good = job(async () => {});
    const create = (...jobs: JobDefinition[]) =>
      createWorkerJobs({ db, worker: "test:1", jobs });
    assert.throws(() => create(good, good), /two jobs are named "job"/);
    assert.throws(() => create({ ...good, name: "a b" }), RangeError);
    assert.throws(() => create({ ...good, timeoutMs: 0 }), RangeError);
    assert.throws(() => create({ ...good, lockLifetimeMs: 10 }), RangeError);
    assert.throws(
      () => create(job(async () => {}, { every: "soon" })),
      InvalidScheduleError,
    );
  });
});

suite("WorkerJobs.close()", { ...needsDatabase(), concurrency: 4 }, () => {
  test("lets a run end and hands its lock back", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    const work = controlledWork();
    const worker = useWorkerJobs(database, { jobs: [job(work.run)] });
    await work.begun();
    const closing = worker.close({ timeoutMs: 5_000 });
    assert.deepEqual(worker.status(), { running: false, reason: "closed" });
    work.end("in time");
    await closing;
    assert.equal((await waitForRun(db, "success")).result, "in time");
    assert.equal((await findJob(db, "job"))?.locked, false);
  });

  test("tells a run to stop when half of the time is over", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    const worker = useWorkerJobs(database, {
      jobs: [
        job(
          async ({ signal }) => {
            await delay(60_000, undefined, { signal });
          },
          { timeoutMs: 100_000 },
        ),
      ],
    });
    await waitForRun(db, "running");
    const before = performance.now();
    await worker.close({ timeoutMs: 1_000 });
    const tookMs = performance.now() - before;
    assert.ok(tookMs >= 490 && tookMs < 900, `took ${tookMs} ms`);
    assert.equal(
      (await waitForRun(db, "failure")).failure,
      "the worker is closing",
    );
    assert.equal((await findJob(db, "job"))?.locked, false);
  });

  test("hands back the lock of a slot that has not come yet", async (t) => {
    const database = await useJobsDatabase(t);
    const { db } = database;
    const starts: Date[] = [];
    const worker = useWorkerJobs(database, {
      jobs: [
        job(
          async ({ scheduledFor }) => {
            starts.push(scheduledFor);
          },
          { every: 3_000 },
        ),
      ],
    });
    const waiting = await waitFor("a lock ahead of the slot", async () => {
      const now = await findJob(db, "job");
      return now?.locked && Number(now.nextRunAt) > Date.now() + 200
        ? now
        : undefined;
    });
    await worker.close();
    const after = await findJob(db, "job");
    assert.equal(after?.locked, false);
    assert.deepEqual(after?.nextRunAt, waiting.nextRunAt);
    assert.equal(starts.length, 1);
  });

  test("ends in its time when the database is away", async (t) => {
    const database = await useJobsDatabase(t);
    const { db, kill } = database;
    const work = controlledWork();
    const worker = useWorkerJobs(database, { jobs: [job(work.run)] });
    await waitForRun(db, "running");
    await kill();
    const before = performance.now();
    const closing = worker.close({ timeoutMs: 1_000 });
    work.end();
    await closing;
    const tookMs = performance.now() - before;
    assert.ok(tookMs < 1_500, `took ${tookMs} ms`);
  });
});

suite(
  "WorkerJobs without a database",
  { ...needsDatabase(), concurrency: 4 },
  () => {
    test("starts when it comes, and says so", async (t) => {
      const database = await useJobsDatabase(t);
      const { db, kill, restart } = database;
      await kill();
      const logged: string[] = [];
      const log = (_details: object, message: string) => logged.push(message);
      const logger = { info: log, warn: log, error: log };
      const jobs = [job(async () => {}, { every: 1_000 })];
      const worker = useWorkerJobs(database, { jobs, logger });
      await waitFor("the status", () => {
        return worker.status().reason === "the database is unavailable";
      });
      await restart();
      await waitFor("the first run", async () => {
        return (await listRuns(db, { outcome: "success" })).runs.length > 0;
      });
      await waitFor("the status", () => worker.status().running);
      await kill();
      await waitFor("the status", () => !worker.status().running);
      await restart();
      await waitFor("the status", () => worker.status().running);
      assert.deepEqual(logged, [
        "jobs are not running",
        "jobs are running",
        "jobs are not running",
        "jobs are running",
      ]);
    });

    test("records a run that ended while the database was away", async (t) => {
      const database = await useJobsDatabase(t);
      const { db, kill, restart } = database;
      const work = controlledWork();
      const worker = useWorkerJobs(database, { jobs: [job(work.run)] });
      await work.begun();
      await kill();
      work.end("in the dark");
      await waitFor("the status", () => !worker.status().running);
      await restart();
      assert.equal((await waitForRun(db, "success")).result, "in the dark");
      await waitFor("the lock to be handed back", async () => {
        return (await findJob(db, "job"))?.locked === false;
      });
      assert.equal(work.contexts.length, 1);
    });

    test("tells a run to stop before others may take it over", async (t) => {
      const database = await useJobsDatabase(t);
      const { db, kill, restart } = database;
      const stops: [unknown, number][] = [];
      const jobs = [
        job(
          async ({ signal }) => {
            await delay(60_000, undefined, { signal }).catch(() => {});
            stops.push([signal.reason, Date.now()]);
            signal.throwIfAborted();
          },
          { lockLifetimeMs: 2_000, timeoutMs: 100_000 },
        ),
      ];
      useWorkerJobs(database, { jobs });
      await waitForRun(db, "running");
      await kill();
      const killedAt = Date.now();
      const [reason, at] = await waitFor("the signal", () => stops[0]);
      assert.match(String(reason), /could not be reached to renew its lock/);
      assert.ok(at - killedAt < 2_000, `after ${at - killedAt} ms`);
      await restart();
      const run = await waitForRun(db, "failure");
      assert.match(run.failure ?? "", /could not be reached/);
    });
  },
);
