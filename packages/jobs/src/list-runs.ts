import type { Db, Filter } from "mongodb";
import { runDetailsCollection } from "./run-details.js";
import {
  parseRunId,
  type RunDocument,
  type RunEnd,
  type RunOutcome,
  runCollection,
} from "./run-document.js";

/** A run of the history. */
export interface Run {
  /** Unique, and the same for the life of the run. */
  readonly id: string;
  readonly job: string;
  /** The slot of the schedule that it was for. */
  readonly scheduledFor: Date;
  /** 1, or more when earlier runs of the same slot were lost. */
  readonly attempt: number;
  readonly startedAt: Date;
  /** Undefined while it runs, and for a run that was lost. */
  readonly endedAt?: Date;
  readonly worker: string;
  /** `lost`: its worker has not been heard of for a lock's lifetime. */
  readonly outcome: RunOutcome;
  /** What a run that succeeded returned. */
  readonly result?: string;
  /** Why it failed: a message, never a stack. */
  readonly failure?: string;
  /** Who asked for it by hand. Undefined if the schedule did. */
  readonly requestedBy?: string;
}

/** A run with what a list does not show. */
export interface RunDetails extends Run {
  /** What it was given. */
  readonly data?: unknown;
  /** The newest lines of its log. */
  readonly log: readonly string[];
  /** How many older lines were left out. */
  readonly logDropped: number;
}

/** Which runs to list. */
export interface ListRunsOptions {
  /** Of this job. By default, of all. */
  readonly job?: string;
  /** With this outcome. By default, with any. */
  readonly outcome?: RunOutcome;
  /** That began at or after this moment. By default, there is no bound. */
  readonly from?: Date;
  /** That began before this moment. By default, there is no bound. */
  readonly to?: Date;
  /** How many at most, 1 to 500. By default, 50. */
  readonly limit?: number;
  /** Those after the page that had this `next`. By default, the newest. */
  readonly before?: string;
}

/** A page of the history. */
export interface RunPage {
  /** Newest start first. */
  readonly runs: readonly Run[];
  /** Where the next page begins. Undefined on the last one. */
  readonly next?: string;
}

/** Reads the history, page by page. Throws RangeError for a `before` that is not a `next`. */
export async function listRuns(
  db: Db,
  options: ListRunsOptions = {},
): Promise<RunPage> {
  const { job, outcome, from, to, limit = 50, before } = options;
  const size = Math.min(Math.max(Math.trunc(limit), 1), 500);
  const now = new Date();
  const conditions: Filter<RunDocument>[] = [];
  if (job !== undefined) {
    conditions.push({ job });
  }
  if (outcome !== undefined) {
    conditions.push(outcomeFilter(outcome, now));
  }
  if (from !== undefined) {
    conditions.push({ started_at: { $gte: from } });
  }
  if (to !== undefined) {
    conditions.push({ started_at: { $lt: to } });
  }
  if (before !== undefined) {
    conditions.push(cursorFilter(before));
  }
  const documents = await runCollection(db)
    .find(conditions.length > 0 ? { $and: conditions } : {})
    .sort({ started_at: -1, _id: -1 })
    .limit(size + 1)
    .toArray();
  const page = documents.slice(0, size);
  const last = page.at(-1);
  return {
    runs: page.map((document) => toRun(document, now)),
    next:
      last !== undefined && documents.length > size
        ? `${last.started_at.toISOString()} ${last._id}`
        : undefined,
  };
}

/** One run with its log, or undefined if there is none with this id. */
export async function findRun(
  db: Db,
  id: string,
): Promise<RunDetails | undefined> {
  const document = await runCollection(db).findOne({ _id: id });
  if (document === null) {
    return undefined;
  }
  const details = await runDetailsCollection(db).findOne({ _id: id });
  return {
    ...toRun(document, new Date()),
    data: details?.data ?? undefined,
    log: details?.log ?? [],
    logDropped: details?.log_dropped ?? 0,
  };
}

/** Turns the stored form into the one people see. */
export function toRun(run: RunDocument, now: Date): Run {
  // Calculated here too, since nobody marks a run of a job that is paused, or
  // whose workers are all gone.
  const { lock_expires_at: expiresAt } = run;
  const lost =
    run.outcome === "running" && expiresAt !== undefined && expiresAt < now;
  const id = parseRunId(run._id);
  // Written when the run ended, and nowhere else.
  const end = run.end && (JSON.parse(run.end) as RunEnd);
  return {
    id: run._id,
    job: run.job,
    scheduledFor: id?.slot ?? run.started_at,
    attempt: id?.attempt ?? 1,
    startedAt: run.started_at,
    outcome: lost ? "lost" : run.outcome,
    ...(end
      ? {
          worker: end.worker,
          requestedBy: end.requested_by,
          endedAt: new Date(end.ended_at),
          result: end.result,
          failure: end.failure,
        }
      : { worker: run.worker ?? "", requestedBy: run.requested_by }),
  };
}

function outcomeFilter(outcome: RunOutcome, now: Date): Filter<RunDocument> {
  switch (outcome) {
    case "running":
      return { outcome, lock_expires_at: { $gte: now } };
    case "lost":
      return {
        $or: [
          { outcome },
          { outcome: "running", lock_expires_at: { $lt: now } },
        ],
      };
    default:
      return { outcome };
  }
}

function cursorFilter(before: string): Filter<RunDocument> {
  const space = before.indexOf(" ");
  const time = before.slice(0, Math.max(space, 0));
  const startedAt = new Date(time);
  if (Number.isNaN(startedAt.getTime()) || startedAt.toISOString() !== time) {
    throw new RangeError(`"${before}" is not the start of a page`);
  }
  return {
    $and: [
      // The first alone can be looked up in an index.
      { started_at: { $lte: startedAt } },
      // Jobs of one slot may start in the same millisecond.
      {
        $or: [
          { started_at: { $lt: startedAt } },
          { started_at: startedAt, _id: { $lt: before.slice(space + 1) } },
        ],
      },
    ],
  };
}
