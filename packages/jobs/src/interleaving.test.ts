import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import type { Db } from "mongodb";
import { type DoneAction, playRound, type Round } from "./interleaving.js";
import { parseRunId, type RunDocument, runCollection } from "./run-document.js";
import { findJob, type ScheduledJob } from "./scheduled-job.js";
import { useJobsDatabase } from "./use-jobs-database.js";

/**
 * `JOBS_INTERLEAVINGS=200` plays so many, `JOBS_SEED=7` begins with this seed.
 * One round takes some 8 s, most of it waiting.
 */
const rounds = Number(process.env.JOBS_INTERLEAVINGS ?? 12);
const firstSeed = Number(process.env.JOBS_SEED ?? Date.now() % 1_000_000);
const atOnce = 4;

/** What is wrong with a round, in words. */
function findFaults(
  { actions, runs }: Round,
  stored: readonly RunDocument[],
  job: ScheduledJob,
): string[] {
  const edits = actions.filter(({ job: edited }) => edited !== undefined);
  return [
    ...overlaps(runs),
    ...repeats(runs, stored),
    ...edits.flatMap((edit, index) =>
      strays(runs, edit, edits[index + 1]?.from ?? Number.POSITIVE_INFINITY),
    ),
    ...losses(edits.at(-1), job),
    ...runs
      .filter(({ runId }) => !stored.some(({ _id }) => _id === runId))
      .map(({ runId }) => `run ${runId} is not in the history`),
  ];
}

/** Never two live runs of one job. */
function overlaps(runs: Round["runs"]): string[] {
  return runs.flatMap((run, index) => {
    const before = runs.slice(0, index).find((b) => b.endedAt > run.startedAt);
    return before === undefined
      ? []
      : [`run ${run.runId} began while ${before.runId} was going on`];
  });
}

/** A slot is started again only after its first start counts as lost. */
function repeats(
  runs: Round["runs"],
  stored: readonly RunDocument[],
): string[] {
  const faults: string[] = [];
  if (new Set(runs.map(({ runId }) => runId)).size !== runs.length) {
    faults.push("a run was started twice");
  }
  for (const run of stored) {
    const id = parseRunId(run._id);
    const before = stored.find((other) => {
      const otherId = parseRunId(other._id);
      return (
        otherId?.slot.getTime() === id?.slot.getTime() &&
        otherId?.attempt === (id?.attempt ?? 1) - 1
      );
    });
    if (id !== undefined && id.attempt > 1) {
      const lost = before?.outcome === "lost" && before.lock_expires_at;
      if (!lost || lost > run.started_at) {
        faults.push(`run ${run._id} began before the one before was lost`);
      }
    }
  }
  return faults;
}

/** An edit holds for the next run: whatever starts after it is on its schedule. */
function strays(
  runs: Round["runs"],
  { kind, job, to }: DoneAction,
  until: number,
): string[] {
  if (job === undefined) {
    return [];
  }
  const after = runs.filter((run) => {
    // It was confirmed before the edit, and told of its start after it.
    const begun = (job.lastRunAt?.getTime() ?? 0) >= run.slot;
    return run.startedAt > to && run.startedAt < until && !begun;
  });
  if (job.state !== "active") {
    return after.map(({ runId }) => `run ${runId} began after "${kind}"`);
  }
  const first = job.nextRunAt?.getTime() ?? Number.NaN;
  const every = "every" in job.schedule ? Number(job.schedule.every) : 0;
  return after
    .filter(({ slot }) => slot < first || (slot - first) % every !== 0)
    .map(
      ({ runId }) =>
        `run ${runId} is not on the schedule after "${kind}": every ${every} from ${job.nextRunAt?.toISOString()}`,
    );
}

/** No schedule is lost: the job is as the last edit has left it. */
function losses(last: DoneAction | undefined, job: ScheduledJob): string[] {
  const edited = last?.job;
  return edited !== undefined &&
    edited.revision === job.revision &&
    job.state === "active" &&
    JSON.stringify(edited.schedule) === JSON.stringify(job.schedule)
    ? []
    : [`the job is not as the last edit has left it: ${JSON.stringify(job)}`];
}

async function check(db: Db, round: Round, seed: number): Promise<void> {
  const stored = await runCollection(db).find().toArray();
  const job = await findJob(db, "tick");
  assert.ok(job);
  const faults = findFaults(round, stored, job);
  assert.deepEqual(
    faults,
    [],
    `JOBS_SEED=${seed}: ${JSON.stringify({ ...round, stored }, undefined, 1)}`,
  );
}

suite("random interleavings of edits, accidents and runs", () => {
  test("run each slot once, by the schedule of the last edit", {
    ...needsDatabase(),
    timeout: 30_000 + rounds * 15_000,
  }, async (t) => {
    const { uri, db, after } = await useJobsDatabase(t);
    const counts = { rounds: 0, runs: 0, lost: 0, actions: 0, during: 0 };
    let next = firstSeed;
    const seeds = () => (next < firstSeed + rounds ? next++ : undefined);
    const play = async (): Promise<void> => {
      for (let seed = seeds(); seed !== undefined; seed = seeds()) {
        const own = db.client.db(`round_${seed}`);
        const round = await playRound({ after }, { uri, db: own, seed });
        await check(own, round, seed);
        counts.rounds += 1;
        counts.runs += round.runs.length;
        counts.actions += round.actions.length;
        counts.during += round.actions.filter(({ from, to }) =>
          round.runs.some((r) => r.startedAt < from && r.endedAt > to),
        ).length;
        counts.lost += await runCollection(own).countDocuments({
          outcome: "lost",
        });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, play));
    t.diagnostic(`seeds from ${firstSeed}: ${JSON.stringify(counts)}`);
    assert.equal(counts.rounds, rounds);
  });
});
