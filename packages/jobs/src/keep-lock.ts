import type { Db } from "mongodb";
import { type JobLock, renewLock } from "./job-lock.js";
import { storeDetails } from "./run-details.js";
import { runCollection, type StartedRun } from "./run-document.js";
import type { RunLog } from "./run-log.js";

/** A run whose lock is kept. */
export interface KeepLockOptions {
  readonly lock: JobLock;
  readonly run: StartedRun;
  readonly log: RunLog;
  /** Called with the time at which the lock was renewed. */
  onRenewed(at: Date): void;
  /** Called once when the lock is lost, or cannot be renewed in time. */
  onLost(reason: Error): void;
}

const flushEveryMs = 1_000;

/**
 * Renews the lock of a run every third of its lifetime and stores what was
 * added to its log once a second, until the function that it returns is called.
 *
 * When four fifths of the lifetime have passed without a renewal, the run has
 * to stop, so that it is over before another worker may start the job.
 */
export function keepLock(db: Db, options: KeepLockOptions): () => void {
  const { lock, run, log, onRenewed, onLost } = options;
  let stopped = false;
  let busy = false;
  let renewAt = lock.expiresAt - (lock.lifetimeMs * 2) / 3;

  function lose(reason: string): void {
    stop();
    onLost(new Error(reason));
  }

  async function renew(): Promise<void> {
    if (!(await renewLock(db, lock))) {
      if (!stopped) {
        lose("another worker has taken its lock");
      }
      return;
    }
    renewAt = lock.expiresAt - (lock.lifetimeMs * 2) / 3;
    if (!stopped) {
      onRenewed(new Date(lock.expiresAt - lock.lifetimeMs));
    }
    await runCollection(db).updateOne(
      { _id: run._id, lock_id: lock.id, outcome: "running" },
      { $set: { lock_expires_at: new Date(lock.expiresAt) } },
    );
  }

  async function work(): Promise<void> {
    if (Date.now() >= renewAt) {
      await renew();
    }
    if (log.changed()) {
      // All of it: one $set costs the embedded database no more than one $push,
      // and may be repeated when an answer is lost.
      await storeDetails(db, run, log.content());
    }
  }

  const timer = setInterval(
    () => {
      if (Date.now() >= lock.expiresAt - lock.lifetimeMs / 5) {
        lose("the database could not be reached to renew its lock");
      } else if (!busy) {
        busy = true;
        // A failure shows in the time that is left of the lock.
        void work()
          .catch(() => {})
          .finally(() => {
            busy = false;
          });
      }
    },
    Math.min(flushEveryMs, lock.lifetimeMs / 10),
  );
  function stop(): void {
    stopped = true;
    clearInterval(timer);
  }
  return stop;
}
