import {
  findRun,
  listJobs,
  type RunDetails,
  type ScheduledJob,
} from "@both-ends/jobs";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Db } from "mongodb";
import { createSharedPoll } from "./shared-poll.js";

/** What there is, or what has changed. */
export interface JobChanges {
  readonly jobs: readonly ScheduledJob[];
  readonly run?: RunDetails | undefined;
}

/** What to watch. */
export interface WatchJobsOptions {
  /** These jobs alone. All if empty. */
  readonly names: readonly string[];
  /** This run too. None if empty. */
  readonly runId: string;
  readonly signal: AbortSignal;
}

/** Tells any number of watchers how jobs change. */
export interface JobWatcher {
  /**
   * Gives all jobs, then those that change, within a second. It ends with the
   * signal's reason, with the database's error, or with `unavailable` when the
   * watcher closes.
   */
  watch(options: WatchJobsOptions): AsyncGenerator<JobChanges, never>;
  close(): void;
}

/** How often the jobs are read, while somebody watches. */
export interface JobWatcherOptions {
  /** By default, 1,000. */
  readonly pollMs?: number;
}

/** Creates the watcher of a process. All that watch share one read of the jobs a second. */
export function createJobWatcher(
  db: Db,
  { pollMs = 1_000 }: JobWatcherOptions = {},
): JobWatcher {
  const poll = createSharedPoll(() => listJobs(db), { pollMs });

  async function* watch(
    options: WatchJobsOptions,
  ): AsyncGenerator<JobChanges, never> {
    const { names, runId, signal } = options;
    const sent = new Map<string, string>();
    let first = true;
    for await (const all of poll.watch(signal)) {
      const jobs = all.filter(
        (job) =>
          (names.length === 0 || names.includes(job.name)) &&
          isNews(sent, job.name, job),
      );
      const run = runId === "" ? undefined : await findRun(db, runId);
      const news = run !== undefined && isNews(sent, `@${runId}`, run);
      if (first || jobs.length > 0 || news) {
        first = false;
        yield { jobs, run: news ? run : undefined };
      }
    }
    throw new Error("a poll ended by itself");
  }

  return {
    watch,
    close: () =>
      poll.close(
        new ConnectError("the server is shutting down", Code.Unavailable),
      ),
  };
}

function isNews(
  sent: Map<string, string>,
  key: string,
  value: object,
): boolean {
  const text = JSON.stringify(value);
  const news = sent.get(key) !== text;
  sent.set(key, text);
  return news;
}
