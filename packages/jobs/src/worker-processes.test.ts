import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { waitFor } from "@both-ends/testing";
import { editSchedule } from "./edit-job.js";
import { listRuns } from "./list-runs.js";
import { findJob, listJobs } from "./scheduled-job.js";
import { useJobsDatabase } from "./use-jobs-database.js";
import { useWorkerProcess, type WorkerProcess } from "./use-worker-process.js";

const hourMs = 3_600_000;

function startsOf(workers: readonly WorkerProcess[]) {
  return workers
    .flatMap((worker) =>
      worker.messages.flatMap((message) =>
        message.kind === "start" ? [{ ...message, worker }] : [],
      ),
    )
    .toSorted((a, b) => a.at - b.at);
}

async function waitForStarts(workers: readonly WorkerProcess[], count: number) {
  return await waitFor(
    `${count} starts`,
    () => {
      const starts = startsOf(workers);
      return starts.length >= count && starts;
    },
    { timeoutMs: 20_000 },
  );
}

suite("worker processes", { ...needsDatabase(), concurrency: 3 }, () => {
  test("share one schedule, keep it over restarts, and run each slot once", async (t) => {
    const { uri, db } = await useJobsDatabase(t);
    const workers = [1, 2, 3].map(() =>
      useWorkerProcess(t, { uri, tickMs: 1_000, workMs: 50 }),
    );
    const starts = await waitForStarts(workers, 6);
    const slots = starts.map(({ slot }) => slot);
    assert.equal(new Set(slots).size, slots.length, slots.join(" "));
    assert.equal((await listJobs(db)).length, 1);
    await editSchedule(db, "tick", { revision: 1, every: "1 hour" });
    assert.deepEqual(
      await Promise.all(workers.map((worker) => worker.close())),
      [0, 0, 0],
    );
    const again = useWorkerProcess(t, { uri, tickMs: 1_000 });
    await waitFor("the restarted worker to look for jobs", async () => {
      const job = await findJob(db, "tick");
      return job?.description === "Ticks" && job.revision === 2;
    });
    assert.equal(await again.close(), 0);
    const job = await findJob(db, "tick");
    assert.deepEqual(job?.schedule, { every: "1 hour" });
    assert.equal(job?.locked, false);
    assert.deepEqual(startsOf([again]), []);
  });

  test("take over the run of one that was killed, and count it as lost", async (t) => {
    const { uri, db } = await useJobsDatabase(t);
    const options = { uri, tickMs: hourMs, workMs: 1_500, lockMs: 3_000 };
    const workers = [1, 2].map(() => useWorkerProcess(t, options));
    const [first] = await waitForStarts(workers, 1);
    assert.ok(first);
    const killedAt = await first.worker.kill();
    const [, second] = await waitForStarts(workers, 2);
    assert.ok(second);
    const tookMs = second.at - killedAt;
    t.diagnostic(`taken over ${tookMs} ms after the kill, lock of 3000 ms`);
    assert.ok(tookMs < 6_000, `took ${tookMs} ms`);
    assert.ok(second.at - first.at >= 2_900, "taken over within the lock");
    assert.equal(second.slot, first.slot);
    await waitFor("the end of the second run", async () => {
      return (await listRuns(db, { outcome: "success" })).runs.length === 1;
    });
    assert.deepEqual(
      (await listRuns(db)).runs.map(({ id, outcome }) => [id, outcome]),
      [
        [second.runId, "success"],
        [first.runId, "lost"],
      ],
    );
    assert.deepEqual(
      second.worker.messages.filter(({ kind }) => kind === "lost"),
      [{ kind: "lost", runId: first.runId }],
    );
  });

  test("do not let one that was suspended write over its successor", async (t) => {
    const { uri, db } = await useJobsDatabase(t);
    const options = { uri, tickMs: hourMs, workMs: 1_000, lockMs: 2_000 };
    const workers = [1, 2].map(() => useWorkerProcess(t, options));
    const [first] = await waitForStarts(workers, 1);
    assert.ok(first);
    first.worker.signal("SIGSTOP");
    const [, second] = await waitForStarts(workers, 2);
    assert.ok(second);
    await waitFor("the end of the second run", async () => {
      return (await listRuns(db, { outcome: "success" })).runs.length === 1;
    });
    // The run's end is recorded a moment before the job gets its next slot.
    const next = await waitFor("the next slot", async () => {
      const job = await findJob(db, "tick");
      return job?.locked === false && job.nextRunAt;
    });
    first.worker.signal("SIGCONT");
    await waitFor("the end of the first run", () =>
      first.worker.messages.some(({ kind }) => kind === "end"),
    );
    assert.equal(await first.worker.close(), 0);
    assert.deepEqual(
      (await listRuns(db)).runs.map(({ id, outcome }) => [id, outcome]),
      [
        [second.runId, "success"],
        [first.runId, "lost"],
      ],
    );
    assert.deepEqual((await findJob(db, "tick"))?.nextRunAt, next);
  });
});
