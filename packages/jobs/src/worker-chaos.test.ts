import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { waitFor } from "@both-ends/testing";
import type { Db } from "mongodb";
import { listRuns } from "./list-runs.js";
import { useJobsDatabase } from "./use-jobs-database.js";
import { useWorkerProcess, type WorkerProcess } from "./use-worker-process.js";

const tickMs = 2_000;
const workMs = 700;
const lockMs = 15_000;
/**
 * `JOBS_CHAOS_SECONDS=60` runs the first test for a minute; the database is
 * killed once in every 16 s of that.
 */
const durationMs = Number(process.env.JOBS_CHAOS_SECONDS ?? 16) * 1_000;
const roundMs = 16_000;

/** What a worker has told of one run. */
interface SeenRun {
  readonly runId: string;
  readonly slot: string;
  readonly startedAt: number;
  readonly endedAt: number;
}

function seenRuns(workers: readonly WorkerProcess[]): SeenRun[] {
  return workers
    .flatMap(({ messages }) =>
      messages.flatMap((start) => {
        if (start.kind !== "start") {
          return [];
        }
        const { runId, slot, at } = start;
        const end = messages.find(
          (message) => message.kind === "end" && message.runId === runId,
        );
        const endedAt = end?.kind === "end" ? end.at : Number.POSITIVE_INFINITY;
        return [{ runId, slot, startedAt: at, endedAt }];
      }),
    )
    .toSorted((a, b) => a.startedAt - b.startedAt);
}

/**
 * Slots that no run was for. One that passed while the run before it was going
 * on (the machine may be busy) is not missing; its record takes a moment.
 */
function missingSlots(runs: readonly SeenRun[]): string[] {
  return runs.slice(1).flatMap(({ slot }, index) => {
    const before = runs[index];
    const missing = Date.parse(slot) - tickMs;
    return before === undefined ||
      missing <= Math.max(Date.parse(before.slot), before.endedAt + 500)
      ? []
      : [new Date(missing).toISOString()];
  });
}

/** Slots that are not a whole number of intervals after the first. */
function slotsOffGrid([first, ...runs]: readonly SeenRun[]): string[] {
  const origin = Date.parse(first?.slot ?? "");
  return runs
    .map(({ slot }) => slot)
    .filter((slot) => (Date.parse(slot) - origin) % tickMs !== 0);
}

/** The time from the return of the database to its next loss. */
interface Uptime {
  readonly from: number;
  readonly to: number;
}

async function checkRuns(
  t: TestContext,
  db: Db,
  {
    workers,
    uptimes,
  }: { workers: readonly WorkerProcess[]; uptimes: readonly Uptime[] },
): Promise<void> {
  const runs = seenRuns(workers);
  const slots = new Set(runs.map(({ slot }) => slot));
  const overlaps = runs.filter(
    (run, index) => run.startedAt < (runs[index - 1]?.endedAt ?? 0),
  );
  const { runs: stored } = await listRuns(db, { limit: 500 });
  const successes = stored.filter(({ outcome }) => outcome === "success");
  const lost = stored.filter(({ outcome }) => outcome === "lost");
  t.diagnostic(
    `${runs.length} runs of ${slots.size} slots by 3 workers; ${overlaps.length} at once with another; ` +
      `in the history ${stored.length}, ${successes.length} successful, ${lost.length} lost`,
  );
  assert.deepEqual(overlaps, [], "two live runs");
  assert.equal(slots.size, runs.length, "a slot was run twice");
  assert.equal(successes.length, runs.length, "the history misses runs");
  assert.equal(stored.length, runs.length, "the history knows other runs");
  assert.deepEqual(slotsOffGrid(runs), []);
  uptimes.forEach(({ from, to }, index) => {
    const within = runs.filter(
      ({ startedAt }) => startedAt >= from && startedAt < to,
    );
    const resumedMs = (within[0]?.startedAt ?? Number.NaN) - from;
    // At the return of the database one slot is made up; the rest lie on the
    // grid of the schedule and none is left out.
    const regular = within.slice(index === 0 ? 0 : 1);
    t.diagnostic(
      `database there for ${to - from} ms: ${within.length} runs, the first after ${resumedMs} ms, ` +
        `the latest ${Math.max(...regular.map((run) => run.startedAt - Date.parse(run.slot)))} ms after its slot`,
    );
    assert.ok(index === 0 || resumedMs < 5_000, `first after ${resumedMs} ms`);
    assert.ok(regular.length >= 2, "too few runs to tell");
    assert.deepEqual(missingSlots(regular), []);
  });
}

function startWorkers(t: TestContext, uri: string): WorkerProcess[] {
  return [1, 2, 3].map(() =>
    useWorkerProcess(t, { uri, tickMs, workMs, lockMs }),
  );
}

async function waitForRuns(
  workers: readonly WorkerProcess[],
  more: number,
): Promise<void> {
  const count = seenRuns(workers).length + more;
  await waitFor(`${count} runs`, () => seenRuns(workers).length >= count, {
    timeoutMs: 20_000,
  });
}

async function closeWorkers(workers: readonly WorkerProcess[]): Promise<void> {
  const codes = await Promise.all(workers.map((worker) => worker.close()));
  assert.deepEqual(codes, [0, 0, 0]);
}

suite("three worker processes", { ...needsDatabase(), concurrency: 2 }, () => {
  test("run each slot once, through kills of the database", async (t) => {
    const { uri, db, kill, restart } = await useJobsDatabase(t);
    const workers = startWorkers(t, uri);
    await waitForRuns(workers, 1);
    const endsAt = Date.now() + durationMs;
    const uptimes: Uptime[] = [];
    let from = seenRuns(workers)[0]?.startedAt ?? 0;
    do {
      // At any moment of a run, or between two.
      await delay(6_000 + Math.random() * tickMs);
      uptimes.push({ from, to: Date.now() });
      await kill();
      await delay(1_000 + Math.random() * 3_000);
      await restart();
      from = Date.now();
      await waitForRuns(workers, 3);
    } while (Date.now() + roundMs < endsAt);
    await delay(Math.max(endsAt - Date.now(), 0));
    uptimes.push({ from, to: Date.now() });
    await closeWorkers(workers);
    await checkRuns(t, db, { workers, uptimes });
  });

  test("run each slot once, through a hang of the database", async (t) => {
    const { uri, db, stop, resume } = await useJobsDatabase(t);
    const workers = startWorkers(t, uri);
    await waitForRuns(workers, 3);
    const before = {
      from: seenRuns(workers)[0]?.startedAt ?? 0,
      to: Date.now(),
    };
    stop();
    await delay(6_000);
    resume();
    const from = Date.now();
    await waitForRuns(workers, 4);
    const after = { from, to: Date.now() };
    await closeWorkers(workers);
    await checkRuns(t, db, { workers, uptimes: [before, after] });
  });
});
