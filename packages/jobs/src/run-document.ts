import type { Collection, Db } from "mongodb";
import { durable } from "./job-document.js";

/** How a run ended; `running` until then. */
export type RunOutcome = "running" | "success" | "failure" | "lost";

/**
 * The stored form of a run. `_id` is `<job>@<slot>`, so no slot is started
 * twice; a slot whose run was lost is started again as `<job>@<slot>#2`.
 *
 * A run that has ended has no lock any more, and what a list only shows is in
 * one text: the embedded database reads all runs for each page, and takes by
 * the field. The log is apart, see {@link RunDetailsDocument}.
 */
export interface RunDocument {
  _id: string;
  job: string;
  started_at: Date;
  outcome: RunOutcome;
  /** While it is `running`, and if it was lost; else it is in `end`. */
  worker?: string;
  /** Who asked for it by hand; as `worker`. */
  requested_by?: string;
  /** While it is `running`, and if it was lost. */
  lock_id?: string;
  /** A run that is `running` after this time is lost. */
  lock_expires_at?: Date;
  /** {@link RunEnd} in JSON, once it has ended. */
  end?: string;
}

/** What of a run that has ended is not searched by. */
export interface RunEnd {
  readonly worker: string;
  readonly requested_by?: string | undefined;
  /** In milliseconds since the epoch. */
  readonly ended_at: number;
  readonly result?: string | undefined;
  readonly failure?: string | undefined;
}

/** A run that has begun: it has a lock. */
export type StartedRun = RunDocument &
  Required<Pick<RunDocument, "worker" | "lock_id" | "lock_expires_at">>;

/** The runs of a database. */
export function runCollection(db: Db): Collection<RunDocument> {
  return db.collection<RunDocument>("job_runs", { writeConcern: durable });
}

/** The job, the slot and the attempt of a run, from its `_id`. */
export function parseRunId(
  id: string,
): { job: string; slot: Date; attempt: number } | undefined {
  const [, job, time, attempt = "1"] = runId.exec(id) ?? [];
  const slot = new Date(time ?? "");
  return job === undefined || Number.isNaN(slot.getTime())
    ? undefined
    : { job, slot, attempt: Number(attempt) };
}

const runId = /^(.+)@(\d{4,6}-[\d-]+T[\d:.]+Z)(?:#(\d+))?$/;

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
 * Counts a run as lost, if nobody has yet and it has not ended: says whether
 * it was this call that did so.
 */
export async function markLost(
  db: Db,
  run: Pick<StartedRun, "_id" | "lock_id">,
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
): Promise<StartedRun[]> {
  const runs = await runCollection(db)
    .find({ outcome: "running", lock_expires_at: { $lt: now } })
    .toArray();
  return runs.filter(isStarted);
}

/** Whether a run has a lock. */
export function isStarted(run: RunDocument): run is StartedRun {
  const { worker, lock_id, lock_expires_at } = run;
  return (
    worker !== undefined &&
    lock_id !== undefined &&
    lock_expires_at !== undefined
  );
}
