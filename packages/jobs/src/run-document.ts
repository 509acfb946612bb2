import type { Collection, Db } from "mongodb";
import { durable } from "./job-document.js";

/** How a run ended; `running` until then. */
export type RunOutcome = "running" | "success" | "failure" | "lost";

/**
 * The stored form of a run. `_id` is `<job>@<slot>`, so no slot is started
 * twice; a slot whose run was lost is started again as `<job>@<slot>#2`.
 */
export interface RunDocument {
  _id: string;
  job: string;
  /** The slot: the job's `nextRunAt` that was run. */
  scheduled_for: Date;
  /** 1, or more when earlier runs of the same slot were lost. */
  attempt: number;
  started_at: Date;
  worker: string;
  lock_id: string;
  /** A run that is `running` after this time is lost. */
  lock_expires_at: Date;
  outcome: RunOutcome;
  ended_at: Date | null;
  result: string | null;
  failure: string | null;
  log: string[];
  log_dropped: number;
}

/** The runs of a database. */
export function runCollection(db: Db): Collection<RunDocument> {
  return db.collection<RunDocument>("job_runs", { writeConcern: durable });
}

/** The `_id` of a run. */
export function runDocumentId(
  job: string,
  slot: Date,
  attempt: number,
): string {
  const id = `${job}@${slot.toISOString()}`;
  return attempt === 1 ? id : `${id}#${attempt}`;
}

/**
 * Declares the indexes that reading and pruning the history use. Jobs need
 * none: there are few, and they are found by `_id`.
 */
export async function ensureIndexes(db: Db): Promise<void> {
  const runs = runCollection(db);
  await runs.createIndex({ started_at: -1, _id: -1 });
  await runs.createIndex({ job: 1, started_at: -1, _id: -1 });
  await runs.createIndex({ outcome: 1, started_at: -1, _id: -1 });
}

/**
 * Counts a run as lost, if nobody has yet and it has not ended: says whether
 * it was this call that did so.
 */
export async function markLost(
  db: Db,
  run: Pick<RunDocument, "_id" | "lock_id">,
): Promise<boolean> {
  const { modifiedCount } = await runCollection(db).updateOne(
    { _id: run._id, lock_id: run.lock_id, outcome: "running" },
    { $set: { outcome: "lost" } },
  );
  return modifiedCount === 1;
}

/** The runs that are `running` in a lock whose lifetime is over. */
export async function findExpiredRuns(
  db: Db,
  now: Date,
): Promise<RunDocument[]> {
  return await runCollection(db)
    .find({ outcome: "running", lock_expires_at: { $lt: now } })
    .toArray();
}
