import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { MongoJobRepository } from "@agendajs/mongo-backend";
import { isDatabaseUnavailable } from "@both-ends/mongo";
import { Agenda, type AgendaBackend } from "agenda";
import type { Db } from "mongodb";
import { checkDefinitions } from "./check-definitions.js";
import { createDatabaseAnswers } from "./database-answers.js";
import { ensureJobs } from "./ensure-jobs.js";
import { defaultLockLifetimeMs, type JobDefinition } from "./job-definition.js";
import { ensureIndexes } from "./job-indexes.js";
import { createJobRepository, isLockedJob } from "./job-repository.js";
import { type Logger, silentLogger } from "./logger.js";
import { retry } from "./retry.js";
import { StartRefusedError } from "./run-attempt.js";
import { createRunAttempts, type RunAttempts } from "./run-attempts.js";
import { findExpiredRuns, markLost, type StartedRun } from "./run-document.js";

/** What a worker runs, and where. */
export interface WorkerJobsOptions {
  /** The database of the service. It stays the caller's to close. */
  readonly db: Db;
  readonly jobs: readonly JobDefinition[];
  /** Names this worker for people, such as "host:pid". */
  readonly worker: string;
  /** By default, nothing is logged. */
  readonly logger?: Logger;
  /** How often to look for jobs that are due. By default, 1,000. */
  readonly processEveryMs?: number;
}

/** The jobs of a worker process. */
export interface WorkerJobs {
  /**
   * The Agenda that runs them, to listen to. Besides its own events it emits
   * `lost`, with `{ name, runId }`, once for each run that this worker found
   * to be lost (Agenda's types do not know it: listen as to an EventEmitter).
   * `job.attrs.scheduledFor` is the slot of a run.
   */
  readonly agenda: Agenda;
  /**
   * Begins to run jobs, as soon as the database is there; does not wait for it
   * and never throws.
   */
  start(): void;
  /** Whether jobs are being run now, and why not. */
  status(): { readonly running: boolean; readonly reason?: string };
  /**
   * Starts no more runs and waits for those that go on. After half of the time
   * their signals abort; after all of it they are left alone, and what has not
   * been recorded by then will count as lost. The database may be closed after
   * that.
   *
   * Agenda leaves timers behind for up to half of a lock's lifetime (the watch
   * over each run, JobProcessor.checkIfJobIsStillAlive): a process ends sooner
   * by `process.exit()`.
   */
  close(options?: CloseOptions): Promise<void>;
}

/** Bounds of a close. */
export interface CloseOptions {
  /** By default, 10 s. */
  readonly timeoutMs?: number;
}

/**
 * Makes the jobs of a worker process. Nothing happens until `start()`.
 *
 * Of several workers one runs a slot; a run whose worker has died is started
 * again by another, up to three times. Slots missed while no worker or no
 * database was there are not made up: one run comes at their return, then the
 * schedule goes on. The clocks of the machines must agree to within a second.
 *
 * Throws RangeError or InvalidScheduleError if a definition is wrong.
 */
export function createWorkerJobs(options: WorkerJobsOptions): WorkerJobs {
  const { db, jobs, worker, logger = silentLogger } = options;
  const { processEveryMs = 1_000 } = options;
  const definitions = checkDefinitions(jobs, processEveryMs);
  const starting = new AbortController();
  const stopped = new AbortController();
  const answers = createDatabaseAnswers(logger);
  const onLost = (run: StartedRun): void => {
    logger.warn({ job: run.job, run: run._id, worker: run.worker }, "run lost");
    try {
      agenda.emit("lost", { name: run.job, runId: run._id });
    } catch (err) {
      logger.error({ err }, "listener of agenda failed");
    }
  };
  const attempts = createRunAttempts(db, definitions, {
    worker,
    logger,
    lockedBy: randomUUID(),
    stopped: stopped.signal,
    onLost,
    onAnswer: answers.add,
  });
  const agenda = createAgenda(options, attempts);

  async function start(): Promise<void> {
    try {
      await retry(
        async () => {
          await ensureIndexes(db);
          await ensureJobs(db, jobs);
          await countLostRuns(db, onLost);
        },
        {
          signal: starting.signal,
          maxRefusals: Number.POSITIVE_INFINITY,
          onRetry: answers.add,
        },
      );
      if (!starting.signal.aborted) {
        answers.add();
        await agenda.start();
      }
      if (starting.signal.aborted) {
        await agenda.stop(false);
      }
    } catch (error) {
      answers.add(error);
    }
  }

  let state: "new" | "started" | "closed" = "new";
  return {
    agenda,
    start() {
      if (state === "new") {
        state = "started";
        void start();
      }
    },
    status() {
      return state === "started"
        ? answers.status()
        : {
            running: false,
            reason: state === "new" ? "not started" : "closed",
          };
    },
    async close({ timeoutMs = 10_000 } = {}) {
      state = "closed";
      starting.abort();
      attempts.stop();
      await agenda.stop(false);
      const idle = attempts.idle();
      if (!(await within(idle, timeoutMs / 2))) {
        attempts.abort(new Error("the worker is closing"));
        await within(idle, timeoutMs / 2);
      }
      stopped.abort();
    },
  };
}

function createAgenda(
  {
    db,
    jobs,
    worker,
    logger = silentLogger,
    processEveryMs = 1_000,
  }: WorkerJobsOptions,
  attempts: RunAttempts,
): Agenda {
  const reads = new MongoJobRepository({
    mongo: db,
    db: { collection: "agendaJobs" },
    ensureIndex: false,
  });
  const repository = createJobRepository({
    reads,
    take: attempts.take,
    begin: attempts.begin,
    end: attempts.end,
  });
  const backend: AgendaBackend = {
    name: "MongoDB",
    repository,
    ownsConnection: false,
    // Agenda calls this when it is made, and does not catch what it throws; the
    // repository only looks up its collection.
    connect: () => repository.connect(),
    disconnect: async () => {},
  };
  const agenda = new Agenda({
    backend,
    name: worker,
    // A number: Agenda reads the text "200 milliseconds" as 200 s.
    processEvery: processEveryMs,
    // Those that wait for their slot count too.
    maxConcurrency: Math.max(jobs.length, 20),
  });
  agenda.on("error", (err) => {
    if (!(err instanceof StartRefusedError) && !isDatabaseUnavailable(err)) {
      logger.error({ err }, "agenda error");
    }
  });
  for (const { name, lockLifetimeMs = defaultLockLifetimeMs } of jobs) {
    agenda.define(
      name,
      async ({ attrs }) => {
        if (isLockedJob(attrs)) {
          await attempts.execute(attrs);
        }
      },
      { lockLifetime: lockLifetimeMs, concurrency: 1 },
    );
  }
  return agenda;
}

async function countLostRuns(
  db: Db,
  onLost: (run: StartedRun) => void,
): Promise<void> {
  for (const run of await findExpiredRuns(db, new Date())) {
    if (await markLost(db, run)) {
      onLost(run);
    }
  }
}

async function within(
  done: Promise<void>,
  timeoutMs: number,
): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(timeoutMs, false, { signal: timer.signal });
  const result = await Promise.race([done.then(() => true), late]);
  timer.abort();
  late.catch(() => {});
  return result;
}
