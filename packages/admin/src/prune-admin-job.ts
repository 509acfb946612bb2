import type { JobDefinition } from "@both-ends/jobs";
import type { Db } from "mongodb";
import { adminCollections, ensureAdminIndexes } from "./admin-documents.js";
import { defaultSessionIdleMs, type SessionLimits } from "./session-store.js";

/** What to keep. */
export interface PruneAdminOptions extends SessionLimits {
  /** Removes changes from the audit log that are older. By default, 365 days. */
  readonly auditMaxAgeMs?: number;
  /** Keeps so many changes, the newest. By default, 10,000: the embedded database reads them all for a page. */
  readonly auditMaxCount?: number;
}

const dayMs = 24 * 3_600_000;

/**
 * A job that removes sessions that have ended, tokens that expired a week ago
 * and old changes of the audit log, every hour to begin with. It first declares
 * the indexes that are missing.
 *
 * @param db The database of the consoles.
 */
export function createPruneAdminJob(
  db: Db,
  options: PruneAdminOptions = {},
): JobDefinition {
  return {
    name: "prune-admin",
    description:
      "Removes ended sessions, expired tokens and old entries of the audit log",
    every: "1 hour",
    timeoutMs: 60_000,
    async run({ signal }) {
      await ensureAdminIndexes(db);
      signal.throwIfAborted();
      const { sessions, tokens, changes } = await pruneAdmin(db, options);
      return `removed ${sessions} sessions, ${tokens} tokens and ${changes} changes`;
    },
  };
}

/** Removes what is over; says how much. */
export async function pruneAdmin(
  db: Db,
  options: PruneAdminOptions = {},
): Promise<{ sessions: number; tokens: number; changes: number }> {
  const { auditMaxAgeMs = 365 * dayMs, auditMaxCount = 10_000 } = options;
  const { sessionIdleMs = defaultSessionIdleMs } = options;
  const { sessions, tokens, audit } = adminCollections(db);
  const now = Date.now();
  const ended = await sessions.deleteMany({
    $or: [
      { expires_at: { $lte: new Date(now) } },
      { seen_at: { $lte: new Date(now - sessionIdleMs) } },
    ],
  });
  const expired = await tokens.deleteMany({
    expires_at: { $lte: new Date(now - 7 * dayMs) },
  });
  const old = await audit.deleteMany({
    at: { $lt: new Date(now - auditMaxAgeMs) },
  });
  const [beyond] = await audit
    .find({}, { projection: { at: 1 } })
    .sort({ at: -1, _id: -1 })
    .skip(auditMaxCount)
    .limit(1)
    .toArray();
  const over =
    beyond === undefined
      ? { deletedCount: 0 }
      : await audit.deleteMany({ at: { $lte: beyond.at } });
  return {
    sessions: ended.deletedCount,
    tokens: expired.deletedCount,
    changes: old.deletedCount + over.deletedCount,
  };
}
