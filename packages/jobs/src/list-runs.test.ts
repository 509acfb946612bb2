import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import type { Db } from "mongodb";
import { ensureIndexes } from "./job-indexes.js";
import { findRun, listRuns } from "./list-runs.js";
import { pruneRuns } from "./prune-runs.js";
import { storeDetails } from "./run-details.js";
import {
  type RunDocument,
  runCollection,
  runDocumentId,
} from "./run-document.js";
import { useJobsDatabase } from "./use-jobs-database.js";

const hourMs = 3_600_000;

function aRun(change: Partial<RunDocument>): RunDocument {
  const startedAt = change.started_at ?? new Date();
  const job = change.job ?? "tick";
  return {
    _id: runDocumentId(job, startedAt, 1),
    job,
    started_at: startedAt,
    worker: "worker:1",
    lock_id: "lock",
    lock_expires_at: new Date(startedAt.getTime() + 15_000),
    outcome: "success",
    end: JSON.stringify({
      worker: "worker:1",
      ended_at: startedAt.getTime(),
      result: "fine",
    }),
    ...change,
  };
}

/** Twelve runs of two jobs, each pair started in one millisecond. */
async function addRuns(db: Db): Promise<void> {
  const now = Date.now();
  const runs = Array.from({ length: 12 }, (_, index) =>
    aRun({
      job: index % 2 === 0 ? "tick" : "tock",
      started_at: new Date(now - Math.floor(index / 2) * hourMs - 60_000),
      outcome: index < 4 ? "failure" : "success",
    }),
  );
  await ensureIndexes(db);
  await runCollection(db).insertMany(runs);
}

suite("listRuns()", needsDatabase(), () => {
  test("gives every run once, newest first, page by page", async (t) => {
    const { db } = await useJobsDatabase(t);
    await addRuns(db);
    const ids: string[] = [];
    const times: number[] = [];
    let before: string | undefined;
    let pages = 0;
    do {
      const page = await listRuns(db, { limit: 5, before });
      ids.push(...page.runs.map(({ id }) => id));
      times.push(...page.runs.map(({ startedAt }) => startedAt.getTime()));
      before = page.next;
      pages += 1;
    } while (before !== undefined);
    assert.equal(pages, 3);
    assert.equal(new Set(ids).size, 12);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    );
  });

  test("filters by job and outcome", async (t) => {
    const { db } = await useJobsDatabase(t);
    await addRuns(db);
    const { runs, next } = await listRuns(db, {
      job: "tock",
      outcome: "failure",
    });
    assert.equal(next, undefined);
    assert.deepEqual(
      runs.map(({ job, outcome }) => [job, outcome]),
      [
        ["tock", "failure"],
        ["tock", "failure"],
      ],
    );
  });

  test("counts a run without an end as lost when its lock has expired", async (t) => {
    const { db } = await useJobsDatabase(t);
    const live = aRun({ outcome: "running", end: undefined });
    const lost = {
      ...live,
      _id: "lost",
      lock_expires_at: new Date(Date.now() - 1),
    };
    await runCollection(db).insertMany([live, lost]);
    const running = await listRuns(db, { outcome: "running" });
    assert.deepEqual(
      running.runs.map(({ id }) => id),
      [live._id],
    );
    const gone = await listRuns(db, { outcome: "lost" });
    assert.deepEqual(
      gone.runs.map(({ id, outcome, endedAt }) => [id, outcome, endedAt]),
      [["lost", "lost", undefined]],
    );
    assert.equal((await findRun(db, "lost"))?.outcome, "lost");
    assert.equal(await findRun(db, "never"), undefined);
  });

  test("gives those of a span of time", async (t) => {
    const { db } = await useJobsDatabase(t);
    await addRuns(db);
    const { runs: all } = await listRuns(db);
    const [from, to] = [all[7]?.startedAt, all[2]?.startedAt];
    const { runs } = await listRuns(db, { from, to });
    assert.deepEqual(runs, all.slice(4, 8));
  });

  test("refuses a cursor that it did not give", async (t) => {
    const { db } = await useJobsDatabase(t);
    for (const before of ["", "nonsense", "2026 x"]) {
      await assert.rejects(listRuns(db, { before }), RangeError);
    }
  });
});

suite("pruneRuns()", needsDatabase(), () => {
  test("removes by age, and by count of each job", async (t) => {
    const { db } = await useJobsDatabase(t);
    await addRuns(db);
    for (const { _id, job, started_at } of await runCollection(db)
      .find()
      .toArray()) {
      await storeDetails(db, { _id, job, started_at }, { log: [_id] });
    }
    // Runs of each job began 1 min, 1 h 1 min, … 5 h 1 min ago.
    assert.equal(await pruneRuns(db, { maxAgeMs: 4 * hourMs }), 4);
    assert.equal(await pruneRuns(db, { maxCount: 3 }), 2);
    assert.equal(await pruneRuns(db, { maxCount: 3 }), 0);
    const { runs } = await listRuns(db, { job: "tick" });
    assert.equal(runs.length, 3);
    assert.ok(runs.every((run) => Date.now() - +run.startedAt < 3 * hourMs));
    assert.equal(await db.collection("job_run_details").countDocuments(), 6);
  });

  test("keeps a run that is going on", async (t) => {
    const { db } = await useJobsDatabase(t);
    const old = {
      started_at: new Date(Date.now() - hourMs),
      outcome: "running",
    } as const;
    const live = aRun({
      ...old,
      lock_expires_at: new Date(Date.now() + 60_000),
    });
    const lost = { ...aRun(old), _id: "lost" };
    await runCollection(db).insertMany([live, lost]);
    assert.equal(await pruneRuns(db, { maxAgeMs: 1_000, maxCount: 0 }), 1);
    assert.equal((await findRun(db, live._id))?.outcome, "running");
  });
});
