import type { Db } from "mongodb";
import {
  type JobDocument,
  jobCollection,
  jobDocumentId,
  toSchedule,
} from "./job-document.js";
import type { Schedule } from "./schedule.js";

/** A job as people see it: its schedule, and what it is doing. */
export interface ScheduledJob {
  readonly name: string;
  readonly description: string;
  readonly schedule: Schedule;
  /** Counts the edits; an edit names the revision it was made from. */
  readonly revision: number;
  /**
   * `removed` means that an admin took it off the schedule, and that it can be
   * created again.
   */
  readonly state: "active" | "paused" | "removed";
  /** The slot that is next, or that is being run. Undefined if there is none. */
  readonly nextRunAt?: Date;
  /** Whether a worker has it now: running, or waiting less than a second for its slot. */
  readonly locked: boolean;
  /** The worker that holds or last held the lock. */
  readonly worker?: string;
  readonly lastRunAt?: Date;
  readonly lastFinishedAt?: Date;
  /** When and why it failed last. */
  readonly lastFailure?: { readonly at: Date; readonly reason: string };
  /** Failures since the last success. */
  readonly failures: number;
  /** Who made the last edit, and when. Undefined if nobody has. */
  readonly lastEdit?: { readonly at: Date; readonly by: string };
  /** A run whose lock was not renewed for this time counts as lost. */
  readonly lockLifetimeMs: number;
  /** What each run is given. */
  readonly data?: unknown;
}

/** All jobs of a database, by name. */
export async function listJobs(db: Db): Promise<ScheduledJob[]> {
  const documents = await jobCollection(db).find().sort({ name: 1 }).toArray();
  return documents.map((document) => toScheduledJob(document));
}

/** One job, or undefined if there is none of that name. */
export async function findJob(
  db: Db,
  name: string,
): Promise<ScheduledJob | undefined> {
  const document = await jobCollection(db).findOne({
    _id: jobDocumentId(name),
  });
  return document === null ? undefined : toScheduledJob(document);
}

/** Turns the stored form into the one people see. */
export function toScheduledJob(job: JobDocument): ScheduledJob {
  const { lockedAt, failedAt, editedAt } = job;
  return {
    name: job.name,
    description: job.description,
    schedule: toSchedule(job),
    revision: job.revision,
    state: job.removed ? "removed" : job.disabled ? "paused" : "active",
    nextRunAt: job.nextRunAt ?? undefined,
    locked:
      lockedAt instanceof Date &&
      lockedAt.getTime() + job.lockLifetimeMs > Date.now(),
    worker: job.lastModifiedBy ?? undefined,
    lastRunAt: job.lastRunAt ?? undefined,
    lastFinishedAt: job.lastFinishedAt ?? undefined,
    lastFailure:
      failedAt instanceof Date
        ? { at: failedAt, reason: job.failReason ?? "" }
        : undefined,
    failures: job.failCount,
    lastEdit:
      editedAt instanceof Date
        ? { at: editedAt, by: job.editedBy ?? "" }
        : undefined,
    lockLifetimeMs: job.lockLifetimeMs,
    data: job.data ?? undefined,
  };
}
