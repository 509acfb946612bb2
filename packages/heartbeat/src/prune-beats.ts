import type { Filter } from "mongodb";
import type {
  BeatDocument,
  HeartbeatCollections,
} from "./heartbeat-documents.js";

/** What of the history to keep. */
export interface PruneOptions {
  /** Removes beats that are older. By default, 7 days. */
  readonly maxAgeMs?: number | undefined;
  /**
   * Keeps so many beats of all services together, the newest. By default, there
   * is no bound; the embedded database reads all of them for each page and
   * wants some 10,000.
   */
  readonly maxCount?: number | undefined;
}

/** How many beats were removed, and why. */
export interface PruneResult {
  readonly byAge: number;
  readonly byCount: number;
}

const defaultMaxAgeMs = 7 * 24 * 3_600_000;

// Takes the embedded database, which does one thing at a time, about a second.
const batchSize = 5_000;

/** Removes old beats from the history. The states stay. */
export async function pruneBeats(
  { history }: HeartbeatCollections,
  options: PruneOptions,
  now: () => Date,
): Promise<PruneResult> {
  const { maxAgeMs = defaultMaxAgeMs, maxCount } = options;
  const cutoff = new Date(now().getTime() - maxAgeMs);
  const byAge = await remove({ time: { $lt: cutoff } });
  const byCount = maxCount === undefined ? 0 : await keepNewest(maxCount);
  return { byAge, byCount };

  async function keepNewest(count: number): Promise<number> {
    const [newest] = await history
      .find({}, { projection: { time: 1 } })
      .sort({ time: -1, _id: -1 })
      .skip(count)
      .limit(1)
      .toArray();
    if (newest === undefined) {
      return 0;
    }
    const { time, _id } = newest;
    return await remove({
      $or: [{ time: { $lt: time } }, { time, _id: { $lte: _id } }],
    });
  }

  // In steps: one command that removes all could take longer than a connection
  // may be silent, and other calls would have to wait for it.
  async function remove(filter: Filter<BeatDocument>): Promise<number> {
    let removed = 0;
    for (;;) {
      const [last] = await history
        .find(filter, { projection: { time: 1 } })
        .sort({ time: 1, _id: 1 })
        .skip(batchSize - 1)
        .limit(1)
        .toArray();
      const { deletedCount } = await history.deleteMany(
        last === undefined
          ? filter
          : { $and: [filter, { time: { $lte: last.time } }] },
      );
      removed += deletedCount;
      if (last === undefined) {
        return removed;
      }
    }
  }
}
