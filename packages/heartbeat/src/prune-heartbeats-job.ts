import type { JobDefinition } from "@both-ends/jobs";
import type { HeartbeatStore } from "./heartbeat-store.js";
import type { PruneOptions } from "./prune-beats.js";

/**
 * A job that removes old beats from the history, every hour to begin with. It
 * first declares the indexes that are missing.
 */
export function createPruneHeartbeatsJob(
  store: Pick<HeartbeatStore, "ensureIndexes" | "prune">,
  keep: PruneOptions = {},
): JobDefinition {
  return {
    name: "prune-heartbeats",
    description: "Removes old beats from the history of heartbeats",
    every: "1 hour",
    timeoutMs: 60_000,
    async run({ signal }) {
      await store.ensureIndexes({ signal });
      const { byAge, byCount } = await store.prune(keep, { signal });
      return `removed ${byAge} beats for their age and ${byCount} for their number`;
    },
  };
}
