import type { Db } from "mongodb";
import { isDuplicateKey } from "./ensure-jobs.js";
import type { JobLock } from "./job-lock.js";
import { storeDetails } from "./run-details.js";
import {
  isStarted,
  markLost,
  runCollection,
  runDocumentId,
  type StartedRun,
} from "./run-document.js";

/** So often a slot is started before it is given up: what it runs kills its workers. */
const maxAttempts = 3;

/** Whether a run may go on to its work. */
export type BeginRun =
  | { readonly kind: "begun"; readonly run: StartedRun }
  /** Some other start of the slot may still be running. */
  | { readonly kind: "busy" }
  /** The slot was run to its end, or was lost too often. */
  | { readonly kind: "done"; readonly reason: string };

/** Who begins a run, and who is told of those found lost. */
export interface BeginRunOptions {
  readonly worker: string;
  /** Called once for each run that this call counted as lost. */
  onLost(run: StartedRun): void;
}

/**
 * Records the start of a run. Its `_id` is made from the job and the slot, so
 * of several starts of one slot (a worker that was suspended and woke up, a
 * lock that was lost unnoticed) only one can be stored; the next is possible
 * only when the one before counts as lost.
 */
export async function beginRun(
  db: Db,
  lock: JobLock,
  options: BeginRunOptions,
): Promise<BeginRun> {
  const runs = runCollection(db);
  await countReplacedAsLost(db, lock, options);
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const run = newRun(lock, attempt, options.worker);
    try {
      await runs.insertOne(run);
      const { data } = lock.job;
      if (data !== undefined && data !== null) {
        await storeDetails(db, run, { data });
      }
      return { kind: "begun", run };
    } catch (error) {
      if (!isDuplicateKey(error)) {
        throw error;
      }
    }
    const earlier = await runs.findOne({ _id: run._id });
    if (earlier === null) {
      return { kind: "busy" };
    }
    if (earlier.outcome === "running") {
      if (!isStarted(earlier) || earlier.lock_expires_at >= new Date()) {
        return { kind: "busy" };
      }
      if (await markLost(db, earlier)) {
        options.onLost(earlier);
      }
    } else if (earlier.outcome !== "lost") {
      return { kind: "done", reason: `it ended in ${earlier.outcome}` };
    }
  }
  return { kind: "done", reason: `it was lost ${maxAttempts} times` };
}

/**
 * Takes back the record of a run that was given up before it began its work,
 * whether or not that had been stored.
 */
export async function forgetRun(db: Db, lock: JobLock): Promise<void> {
  const ids = Array.from({ length: maxAttempts }, (_, index) =>
    runDocumentId(lock.job.name, lock.slot, index + 1),
  );
  await runCollection(db).deleteMany({ _id: { $in: ids }, lock_id: lock.id });
}

// The lock was free to take, so whoever held it is gone. Its run may be of
// another slot than this one, if the job was edited in the meantime.
async function countReplacedAsLost(
  db: Db,
  { job, replaced }: JobLock,
  { onLost }: BeginRunOptions,
): Promise<void> {
  if (replaced === undefined) {
    return;
  }
  const run = await runCollection(db).findOne({
    job: job.name,
    lock_id: replaced,
    outcome: "running",
  });
  if (run !== null && isStarted(run) && (await markLost(db, run))) {
    onLost(run);
  }
}

function newRun(lock: JobLock, attempt: number, worker: string): StartedRun {
  const { name, manualSlot, manualBy } = lock.job;
  const manual = manualSlot?.getTime() === lock.slot.getTime();
  return {
    _id: runDocumentId(name, lock.slot, attempt),
    job: name,
    started_at: new Date(),
    worker,
    lock_id: lock.id,
    lock_expires_at: new Date(lock.expiresAt),
    outcome: "running",
    ...(manual && manualBy ? { requested_by: manualBy } : {}),
  };
}
