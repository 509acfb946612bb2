import type { AdminCollections } from "./admin-documents.js";
import { createSecret, digestSecret } from "./secret.js";

/** Keeps the sessions of people. */
export interface SessionStore {
  /** Begins a session. Its secret is nowhere else. */
  begin(username: string): Promise<{ secret: string; expiresAt: Date }>;
  /** Finds a session that has not ended, and notes that it was used. */
  find(secret: string): Promise<FoundSession | undefined>;
  /** Ends a session. */
  end(digest: string): Promise<void>;
  /** Ends the sessions of a user, all or all but one; says how many. */
  endAll(username: string, exceptDigest?: string): Promise<number>;
}

/** A session that has not ended. */
export interface FoundSession {
  readonly digest: string;
  readonly username: string;
  readonly expiresAt: Date;
}

/** How long sessions last. */
export interface SessionLimits {
  /** After so long without a call. By default, 12 h. */
  readonly sessionIdleMs?: number;
  /** After so long, whatever happens. By default, 7 days. */
  readonly sessionLifetimeMs?: number;
}

const hourMs = 3_600_000;

/** The time without a call after which a session ends by default: 12 h, in milliseconds. */
export const defaultSessionIdleMs = 12 * hourMs;

// Each call would otherwise write.
const seenEveryMs = 60_000;

/** Creates the store of sessions. */
export function createSessionStore(
  { sessions }: Pick<AdminCollections, "sessions">,
  options: SessionLimits & { readonly now: () => Date },
): SessionStore {
  const { now, sessionIdleMs = defaultSessionIdleMs } = options;
  const { sessionLifetimeMs = 7 * 24 * hourMs } = options;
  return {
    async begin(username) {
      const secret = createSecret();
      const at = now();
      const expiresAt = new Date(at.getTime() + sessionLifetimeMs);
      await sessions.insertOne({
        _id: digestSecret(secret),
        user: username,
        created_at: at,
        seen_at: at,
        expires_at: expiresAt,
      });
      return { secret, expiresAt };
    },
    async find(secret) {
      const digest = digestSecret(secret);
      const session = await sessions.findOne({ _id: digest });
      const at = now();
      if (session === null || session.expires_at <= at) {
        return undefined;
      }
      const silentMs = at.getTime() - session.seen_at.getTime();
      if (silentMs >= sessionIdleMs) {
        return undefined;
      }
      if (silentMs >= seenEveryMs) {
        await sessions.updateOne({ _id: digest }, { $set: { seen_at: at } });
      }
      const { user: username, expires_at: expiresAt } = session;
      return { digest, username, expiresAt };
    },
    async end(digest) {
      await sessions.deleteOne({ _id: digest });
    },
    async endAll(username, exceptDigest) {
      const { deletedCount } = await sessions.deleteMany({
        user: username,
        ...(exceptDigest === undefined ? {} : { _id: { $ne: exceptDigest } }),
      });
      return deletedCount;
    },
  };
}
