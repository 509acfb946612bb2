import type { Db, IndexDirection } from "mongodb";

/** An index that a collection of jobs and runs needs. */
export interface JobIndex {
  readonly collection: string;
  readonly key: Readonly<Record<string, IndexDirection>>;
}

/**
 * The indexes that reading and pruning the history use: a page of all runs, of
 * a job's, of an outcome's, and of both; `_id` puts runs of one millisecond in
 * an order. Jobs need none: there are few, and they are found by `_id`.
 */
export const jobIndexes: readonly JobIndex[] = [
  { collection: "job_runs", key: { started_at: -1, _id: -1 } },
  { collection: "job_runs", key: { job: 1, started_at: -1, _id: -1 } },
  { collection: "job_runs", key: { outcome: 1, started_at: -1, _id: -1 } },
  {
    collection: "job_runs",
    key: { job: 1, outcome: 1, started_at: -1, _id: -1 },
  },
  { collection: "job_run_details", key: { started_at: -1 } },
  { collection: "job_run_details", key: { job: 1, started_at: -1 } },
];

/** Declares {@link jobIndexes}; those that are there already stay as they are. */
export async function ensureIndexes(db: Db): Promise<void> {
  // One command each: FerretDB 1.24 drops the connection when one command
  // names two indexes that exist.
  for (const { collection, key } of jobIndexes) {
    await db.collection(collection).createIndex(key);
  }
}
