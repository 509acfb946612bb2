import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "mongodb";
import { beginRun, forgetRun } from "./begin-run.js";
import { endRun } from "./end-run.js";
import type { JobDefinition } from "./job-definition.js";
import { readSchedule } from "./job-document.js";
import {
  confirmLock,
  type JobLock,
  type ReleaseLock,
  releaseLock,
} from "./job-lock.js";
import { keepLock } from "./keep-lock.js";
import type { Logger } from "./logger.js";
import { retry } from "./retry.js";
import { type BodyEnd, runBody } from "./run-body.js";
import type { StartedRun } from "./run-document.js";
import { createRunLog, failureText } from "./run-log.js";
import { nextSlot } from "./schedule.js";

/** A StartRefusedError is raised if a slot whose lock was taken must not be run. */
export class StartRefusedError extends Error {
  override name = "StartRefusedError";
}

/** One taking of a job's lock, from there to its release. */
export interface RunAttempt {
  readonly lock: JobLock;
  /**
   * Waits for the slot and records the start. Throws StartRefusedError, or the
   * database's error; then the lock is handed back.
   */
  begin(): Promise<void>;
  /**
   * Does the work. Throws what it threw; the end is recorded by itself.
   * `onRenewed` is told when the lock was renewed.
   */
  execute(onRenewed: (at: Date) => void): Promise<void>;
  /**
   * Ends a run whose work was not begun: Agenda does not begin it when one of
   * its listeners throws at the event `start`.
   */
  abandon(): void;
  /** Hands the lock back unless the run has begun. */
  cancelStart(): void;
  /** Tells the work to stop. */
  abort(reason: Error): void;
  /** Resolves when the lock has been handed back, or cannot be. Never rejects. */
  readonly settled: Promise<void>;
}

/** What attempts share. */
export interface RunAttemptOptions {
  readonly worker: string;
  readonly logger: Logger;
  /** Aborts when nothing is to be retried any more. */
  readonly stopped: AbortSignal;
  onLost(run: StartedRun): void;
  /** Told of each answer of the database, with the error if it was one. */
  onAnswer(error?: unknown): void;
}

// Far longer than a lock lives: by then others have long counted the run as lost.
const settleTimeoutMs = 600_000;

/** Makes an attempt from a lock just taken. */
export function createRunAttempt(
  db: Db,
  definition: JobDefinition,
  lock: JobLock,
  options: RunAttemptOptions,
): RunAttempt {
  const { logger, stopped } = options;
  const { name } = definition;
  const controller = new AbortController();
  const { signal } = controller;
  const log = createRunLog();
  let run: StartedRun | undefined;
  let resolveSettled = (): void => {};
  const settled = new Promise<void>((resolve) => {
    resolveSettled = resolve;
  });
  let beginning = false;
  let executing = false;
  // Agenda drops a job without a word if its process slept between lock and
  // start (JobProcessor.jobProcessing, isExpired).
  const unused = setTimeout(cancelStart, lock.lifetimeMs);

  function cancelStart(): void {
    if (run !== undefined || signal.aborted) {
      return;
    }
    clearTimeout(unused);
    controller.abort(new Error(`the start of job "${name}" was cancelled`));
    if (!beginning) {
      void settle({ kind: "again" }, async () => {});
    }
  }

  async function settle(
    how: ReleaseLock,
    record: () => Promise<void>,
  ): Promise<void> {
    const settling = {
      signal: stopped,
      timeoutMs: settleTimeoutMs,
      onRetry: options.onAnswer,
    };
    try {
      await retry(record, settling);
      await retry(() => releaseLock(db, lock, how), settling);
    } catch (err) {
      logger.error({ err, job: name, run: run?._id }, "run not recorded");
    }
    resolveSettled();
  }

  async function begin(): Promise<void> {
    if (signal.aborted) {
      throw new StartRefusedError(signal.reason.message);
    }
    clearTimeout(unused);
    beginning = true;
    try {
      await waitUntil(lock.slot, signal);
      run = await start(db, lock, signal, options);
    } catch (error) {
      const done = error instanceof SlotDoneError;
      void settle({ kind: done ? "next" : "again" }, () => forgetRun(db, lock));
      throw signal.aborted
        ? new StartRefusedError(signal.reason.message)
        : error;
    }
  }

  async function execute(onRenewed: (at: Date) => void): Promise<void> {
    if (run === undefined) {
      throw new Error(`job "${name}" is executed before it was begun`);
    }
    executing = true;
    const begun = run;
    const stopKeeping = keepLock(db, {
      lock,
      run: begun,
      log,
      onRenewed,
      onLost: (reason) => controller.abort(reason),
    });
    const schedule = readSchedule(lock.job);
    const following = nextSlot(schedule, lock.slot, lock.slot);
    const context = {
      signal,
      data: definition.data,
      runId: begun._id,
      scheduledFor: lock.slot,
      intervalMs: following.getTime() - lock.slot.getTime(),
      log: (line: string) => log.add(line),
    };
    const ended = await runBody(definition, context, controller);
    stopKeeping();
    end(begun, ended);
    if (ended.kind === "failure") {
      throw ended.error;
    }
  }

  function end(begun: StartedRun, ended: BodyEnd): void {
    const at = new Date();
    const failed = ended.kind === "failure";
    const failure = failed ? failureText(ended.error) : undefined;
    if (failed) {
      logger.warn(
        { err: ended.error, job: name, run: begun._id },
        "run failed",
      );
    }
    void settle({ kind: "ended", at, failure }, async () => {
      if (!(await endRun(db, begun, { at, ended, log }))) {
        logger.warn(
          { job: name, run: begun._id },
          "run ended after it was lost",
        );
      }
    });
  }

  function abandon(): void {
    if (run !== undefined && !executing) {
      executing = true;
      const error = new Error("its work was not begun");
      end(run, { kind: "failure", error });
    }
  }

  return {
    lock,
    begin,
    execute,
    abandon,
    cancelStart,
    abort: (reason) => controller.abort(reason),
    settled,
  };
}

class SlotDoneError extends StartRefusedError {}

async function start(
  db: Db,
  lock: JobLock,
  signal: AbortSignal,
  options: RunAttemptOptions,
): Promise<StartedRun> {
  const what = `job "${lock.job.name}" at ${lock.slot.toISOString()}`;
  signal.throwIfAborted();
  if (!(await confirmLock(db, lock))) {
    throw new StartRefusedError(
      `${what} was edited or taken by another worker`,
    );
  }
  const begun = await beginRun(db, lock, options);
  if (begun.kind === "busy") {
    throw new StartRefusedError(`${what} may still be running`);
  }
  if (begun.kind === "done") {
    throw new SlotDoneError(`${what} is not started again: ${begun.reason}`);
  }
  // The process may have slept, or the database hung, since the lock was renewed.
  if (Date.now() >= lock.expiresAt - lock.lifetimeMs / 2) {
    throw new StartRefusedError(`${what} took too long to start`);
  }
  signal.throwIfAborted();
  return begun.run;
}

// Agenda's own timer is not exact: of 300 timers of Node 20, 55 fired a
// millisecond early by Date.now(), and then Agenda sets no other and starts the
// job at its next scan, up to processEvery late.
async function waitUntil(time: Date, signal: AbortSignal): Promise<void> {
  for (;;) {
    const leftMs = time.getTime() - Date.now();
    if (leftMs <= 0) {
      return;
    }
    await delay(leftMs, undefined, { signal });
  }
}
