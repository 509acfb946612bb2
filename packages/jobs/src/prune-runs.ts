import type { Db } from "mongodb";
import type { JobDefinition } from "./job-definition.js";
import { runDetailsCollection } from "./run-details.js";
import { runCollection } from "./run-document.js";

/** What of the history to keep. */
export interface PruneRunsOptions {
  /** Removes runs that started longer ago. By default, 7 days. */
  readonly maxAgeMs?: number;
  /**
   * Keeps so many runs of each job, the newest. By default, 2,000: the embedded
   * database reads all of them for each page.
   */
  readonly maxCount?: number;
}

/** Removes old runs; never one that is going on. Resolves with how many. */
export async function pruneRuns(
  db: Db,
  options: PruneRunsOptions = {},
): Promise<number> {
  const { maxAgeMs = 7 * 24 * 3_600_000, maxCount = 2_000 } = options;
  const now = new Date();
  const runs = runCollection(db);
  const over = {
    $or: [
      { outcome: { $ne: "running" as const } },
      { lock_expires_at: { $lt: now } },
    ],
  };
  const cutoff = new Date(now.getTime() - maxAgeMs);
  const details = runDetailsCollection(db);
  await details.deleteMany({ started_at: { $lt: cutoff } });
  let { deletedCount } = await runs.deleteMany({
    started_at: { $lt: cutoff },
    ...over,
  });
  for (const job of await runs.distinct("job")) {
    const [oldest] = await runs
      .find({ job }, { projection: { started_at: 1 } })
      .sort({ started_at: -1 })
      .skip(maxCount)
      .limit(1)
      .toArray();
    if (oldest !== undefined) {
      const old = { job, started_at: { $lte: oldest.started_at } };
      await details.deleteMany(old);
      const removed = await runs.deleteMany({ ...old, ...over });
      deletedCount += removed.deletedCount;
    }
  }
  return deletedCount;
}

/** A job that prunes the history of its own database, every hour to begin with. */
export function createPruneRunsJob(
  db: Db,
  options: PruneRunsOptions = {},
): JobDefinition {
  return {
    name: "prune-job-runs",
    description: "Removes old runs from the history of jobs",
    every: "1 hour",
    timeoutMs: 60_000,
    run: async () => `removed ${await pruneRuns(db, options)} runs`,
  };
}
