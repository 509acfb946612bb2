import type { Schedule } from "./schedule.js";

/**
 * A job: what it does, and the schedule it begins with. The schedule is stored
 * when the first worker starts and belongs to the admin from then on; the rest
 * belongs to the code.
 */
export type JobDefinition<Data = unknown> = Schedule & {
  /** Its name, unique in the database; letters, digits, ".", "_" and "-". */
  readonly name: string;
  /** What it does, in a sentence for the people who see it in a list. */
  readonly description: string;
  /**
   * A run whose worker has not renewed its lock for this time counts as lost
   * and is taken over. A live worker renews it every third of that time, so it
   * need not be as long as a run. By default, 15 s; at least twice the worker's
   * `processEveryMs`.
   */
  readonly lockLifetimeMs?: number;
  /**
   * A run that takes longer is told to stop by its signal, and is recorded as
   * a failure.
   */
  readonly timeoutMs: number;
  /** Given to each run. By default, undefined. */
  readonly data?: Data;
  /**
   * Does the work. What it returns is the run's result in the history (the
   * first 500 characters); what it throws makes the run a failure.
   *
   * It has to stop within 5 s when `context.signal` aborts: after that its
   * worker gives it up, and the next run may begin beside it.
   */
  run(context: JobContext<Data>): Promise<string | undefined> | Promise<void>;
};

/** What a run is given. */
export interface JobContext<Data = unknown> {
  /**
   * Aborts when the run has used up its time, when its lock could not be
   * renewed because the database is away, and when the worker closes. The
   * reason is an Error.
   */
  readonly signal: AbortSignal;
  /** The definition's data. */
  readonly data: Data;
  /** The `_id` of the run's document. */
  readonly runId: string;
  /** The slot of the schedule that this run is for. */
  readonly scheduledFor: Date;
  /**
   * The time from this slot to the next, by the schedule as it was when the
   * run began.
   */
  readonly intervalMs: number;
  /**
   * Adds a line to the run's log. The newest 100 lines are kept, of 300
   * characters each; they are stored once a second and when the run ends.
   */
  log(line: string): void;
}

/** The lock's lifetime if a definition names none: 15 s, in milliseconds. */
export const defaultLockLifetimeMs = 15_000;
