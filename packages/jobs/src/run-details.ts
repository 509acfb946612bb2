import type { Collection, Db } from "mongodb";
import { durable } from "./job-document.js";
import type { RunDocument } from "./run-document.js";

/**
 * What belongs to a run beyond what a list shows; there is none for a run
 * without data and log. The `_id` is the run's.
 */
export interface RunDetailsDocument {
  _id: string;
  job: string;
  started_at: Date;
  data?: unknown;
  log?: string[];
  log_dropped?: number;
}

/** The details of runs, in a database. */
export function runDetailsCollection(db: Db): Collection<RunDetailsDocument> {
  return db.collection<RunDetailsDocument>("job_run_details", {
    writeConcern: durable,
  });
}

/** Stores details of a run beside those that there are. May be repeated. */
export async function storeDetails(
  db: Db,
  run: Pick<RunDocument, "_id" | "job" | "started_at">,
  details: Pick<RunDetailsDocument, "data" | "log" | "log_dropped">,
): Promise<void> {
  const { _id, job, started_at } = run;
  await runDetailsCollection(db).updateOne(
    { _id },
    { $set: { ...details, job, started_at } },
    { upsert: true },
  );
}
