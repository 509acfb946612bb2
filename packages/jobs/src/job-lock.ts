import { randomUUID } from "node:crypto";
import type { Db } from "mongodb";
import {
  type JobDocument,
  jobCollection,
  jobDocumentId,
  readSchedule,
} from "./job-document.js";
import { nextSlot } from "./schedule.js";

/** A job whose lock was taken, and is ours until it expires. */
export interface JobLock {
  readonly id: string;
  /** The job as it was when the lock was taken. */
  readonly job: JobDocument;
  /** The job's `nextRunAt` at that time: what is to be run. */
  readonly slot: Date;
  readonly lifetimeMs: number;
  /** The lock that was found expired, or lost by ourselves, and replaced. */
  readonly replaced?: string;
  /** When it expires unless renewed, in milliseconds since the epoch. */
  expiresAt: number;
}

/** What to lock, and for whom. */
export interface TakeLockOptions {
  readonly name: string;
  /** Takes a job that is due until then: a moment ahead of the slot. */
  readonly dueBefore: Date;
  readonly lifetimeMs: number;
  /** Names the set of worker jobs; must differ between any two that ever run. */
  readonly lockedBy: string;
  /** The worker, as people see it. */
  readonly worker: string;
}

/**
 * Takes the lock of a job that is due and not locked, in one atomic command.
 * Undefined if there is nothing to do.
 *
 * The caller must hold no lock of this job: one that is stored under its own
 * name is left over from a command whose answer was lost with the connection,
 * and is taken again at once instead of after its lifetime.
 */
export async function takeLock(
  db: Db,
  options: TakeLockOptions,
): Promise<JobLock | undefined> {
  const { name, dueBefore, lifetimeMs, lockedBy, worker } = options;
  const id = randomUUID();
  // Taken before the command is sent: this side never believes in a lock for
  // longer than the others do.
  const now = Date.now();
  const job = await jobCollection(db).findOneAndUpdate(
    {
      _id: jobDocumentId(name),
      disabled: { $ne: true },
      nextRunAt: { $lte: dueBefore },
      // Agenda's own query takes an expired lock whatever the job's nextRunAt.
      $or: [
        { lockedAt: null },
        { lockedAt: { $lte: new Date(now - lifetimeMs) } },
        { lockedBy },
      ],
    },
    {
      $set: {
        lockedAt: new Date(now),
        lockId: id,
        lockedBy,
        lastModifiedBy: worker,
      },
    },
    { returnDocument: "before" },
  );
  if (!job?.nextRunAt) {
    return undefined;
  }
  return {
    id,
    job,
    slot: job.nextRunAt,
    lifetimeMs,
    replaced: job.lockId ?? undefined,
    expiresAt: now + lifetimeMs,
  };
}

/**
 * Renews a lock for the start of its run, unless it was lost or the job has
 * been edited since it was taken: says whether the run may start.
 */
export async function confirmLock(db: Db, lock: JobLock): Promise<boolean> {
  return await updateLock(db, lock, { revision: lock.job.revision }, (now) => ({
    lockedAt: now,
    lastRunAt: now,
  }));
}

/** Renews a lock during its run: says whether it was still ours. */
export async function renewLock(db: Db, lock: JobLock): Promise<boolean> {
  return await updateLock(db, lock, {}, (now) => ({ lockedAt: now }));
}

async function updateLock(
  db: Db,
  lock: JobLock,
  condition: Partial<Pick<JobDocument, "revision">>,
  change: (now: Date) => Partial<JobDocument>,
): Promise<boolean> {
  const now = Date.now();
  const { matchedCount } = await jobCollection(db).updateOne(
    { _id: lock.job._id, lockId: lock.id, ...condition },
    { $set: change(new Date(now)) },
  );
  if (matchedCount === 1) {
    lock.expiresAt = now + lock.lifetimeMs;
  }
  return matchedCount === 1;
}

/** How a lock is handed back. */
export type ReleaseLock =
  /** The slot is still to be run. */
  | { readonly kind: "again" }
  /** The slot is done with. */
  | { readonly kind: "next" }
  /** The slot was run. */
  | { readonly kind: "ended"; readonly at: Date; readonly failure?: string };

/**
 * Hands a lock back and, if its slot is done with, stores the next one; does
 * nothing if the lock is no longer ours. May be repeated.
 *
 * The next slot follows the schedule as it is now, not as it was when the run
 * started: the update names the revision it was calculated from, and is tried
 * again if an edit came between. An edit that has set a `nextRunAt` of its own
 * keeps it. (Agenda writes what it calculated when the run started.)
 */
export async function releaseLock(
  db: Db,
  lock: JobLock,
  release: ReleaseLock,
): Promise<void> {
  const jobs = jobCollection(db);
  const { _id } = lock.job;
  let job = lock.job;
  for (let tries = 0; tries < 50; tries += 1) {
    const { matchedCount } = await jobs.updateOne(
      { _id, lockId: lock.id, revision: job.revision },
      {
        $set: {
          lockedAt: null,
          lockId: null,
          lockedBy: null,
          ...(release.kind === "again" ? {} : nextRun(job, lock.slot)),
          ...(release.kind === "ended" ? endOfRun(release) : {}),
        },
        ...(release.kind === "ended" && release.failure !== undefined
          ? { $inc: { failCount: 1 } }
          : {}),
      },
    );
    if (matchedCount === 1) {
      return;
    }
    const current = await jobs.findOne({ _id });
    if (current === null || current.lockId !== lock.id) {
      return;
    }
    job = current;
  }
  throw new Error(`job "${lock.job.name}" was edited 50 times while it ended`);
}

function nextRun(
  job: JobDocument,
  slot: Date,
): Partial<Pick<JobDocument, "nextRunAt">> {
  if (job.nextRunAt?.getTime() !== slot.getTime()) {
    return {};
  }
  return { nextRunAt: slotAfter(job, slot) };
}

/** The next slot of a job, or null if what is stored is no schedule: an edit mends it. */
export function slotAfter(job: JobDocument, slot: Date): Date | null {
  try {
    return nextSlot(readSchedule(job), slot, new Date());
  } catch {
    return null;
  }
}

function endOfRun({
  at,
  failure,
}: {
  at: Date;
  failure?: string;
}): Partial<JobDocument> {
  return failure === undefined
    ? { lastFinishedAt: at, failCount: 0 }
    : { lastFinishedAt: at, failedAt: at, failReason: failure };
}
