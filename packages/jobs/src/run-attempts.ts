import type { Db } from "mongodb";
import { defaultLockLifetimeMs, type JobDefinition } from "./job-definition.js";
import { slotAfter, takeLock } from "./job-lock.js";
import { type LockedJob, toLockedJob } from "./job-repository.js";
import {
  createRunAttempt,
  type RunAttempt,
  type RunAttemptOptions,
  StartRefusedError,
} from "./run-attempt.js";

/** The attempts of a worker: one of each job at most. */
export interface RunAttempts {
  /** Takes the lock of a job that is due. Never throws. */
  take(name: string, dueBefore: Date): Promise<LockedJob | undefined>;
  /** Begins the run of a lock that was taken. */
  begin(job: LockedJob): Promise<void>;
  /** Does the work of a run that was begun. */
  execute(job: LockedJob): Promise<void>;
  /** Ends a run whose work Agenda did not begin. */
  end(job: LockedJob): void;
  /** Takes no more locks, and hands back those whose run has not begun. */
  stop(): void;
  /** Tells the work of all runs to stop. */
  abort(reason: Error): void;
  /** Resolves when no lock is held. */
  idle(): Promise<void>;
}

/** What the attempts of a worker share. */
export interface RunAttemptsOptions extends RunAttemptOptions {
  /** Names this set of worker jobs: no other, now or later, has the same. */
  readonly lockedBy: string;
}

/** Keeps the attempts of a worker. */
export function createRunAttempts(
  db: Db,
  definitions: ReadonlyMap<string, JobDefinition>,
  options: RunAttemptsOptions,
): RunAttempts {
  const { lockedBy, worker, onAnswer } = options;
  const attempts = new Map<string, RunAttempt>();
  const takings = new Map<string, Promise<LockedJob | undefined>>();
  let stopping = false;

  async function take(
    definition: JobDefinition,
    dueBefore: Date,
  ): Promise<LockedJob | undefined> {
    const { name, lockLifetimeMs = defaultLockLifetimeMs } = definition;
    try {
      const lock = await takeLock(db, {
        name,
        dueBefore,
        lifetimeMs: lockLifetimeMs,
        lockedBy,
        worker,
      });
      onAnswer();
      if (lock === undefined) {
        return undefined;
      }
      const attempt = createRunAttempt(db, definition, lock, options);
      attempts.set(name, attempt);
      void attempt.settled.then(() => attempts.delete(name));
      if (stopping) {
        attempt.cancelStart();
        return undefined;
      }
      return toLockedJob(lock);
    } catch (error) {
      onAnswer(error);
      return undefined;
    }
  }

  function find(job: LockedJob): RunAttempt {
    const attempt = attempts.get(job.name);
    if (attempt === undefined || attempt.lock.id !== job.lockId) {
      throw new StartRefusedError(`job "${job.name}" is not locked any more`);
    }
    return attempt;
  }

  return {
    async take(name, dueBefore) {
      const definition = definitions.get(name);
      // Agenda scans once more right after a lock was taken, and again at each
      // interval even if the last scan has not been answered.
      if (
        definition === undefined ||
        stopping ||
        attempts.has(name) ||
        takings.has(name)
      ) {
        return undefined;
      }
      const taking = take(definition, dueBefore);
      takings.set(name, taking);
      try {
        return await taking;
      } finally {
        takings.delete(name);
      }
    },
    async begin(job) {
      const attempt = find(job);
      await attempt.begin();
      const { lock } = attempt;
      const startedAt = new Date();
      job.lockedAt = startedAt;
      job.lastRunAt = startedAt;
      job.nextRunAt = slotAfter(lock.job, lock.slot);
    },
    async execute(job) {
      await find(job).execute((at) => {
        job.lockedAt = at;
      });
    },
    end({ name, lockId }) {
      const attempt = attempts.get(name);
      if (attempt?.lock.id === lockId) {
        attempt.abandon();
      }
    },
    stop() {
      stopping = true;
      for (const attempt of attempts.values()) {
        attempt.cancelStart();
      }
    },
    abort(reason) {
      for (const attempt of attempts.values()) {
        attempt.abort(reason);
      }
    },
    async idle() {
      while (attempts.size + takings.size > 0) {
        await Promise.all([
          ...takings.values(),
          ...[...attempts.values()].map(({ settled }) => settled),
        ]);
      }
    },
  };
}
