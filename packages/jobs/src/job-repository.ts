import type { MongoJobRepository } from "@agendajs/mongo-backend";
import { type JobParameters, type JobRepository, toJobId } from "agenda";
import type { JobLock } from "./job-lock.js";

/**
 * What Agenda is given of a job that was locked. Agenda copies all properties
 * to `job.attrs`, so its events carry them.
 */
export interface LockedJob extends JobParameters {
  /** Names the taking of the lock. */
  lockId: string;
  /** The slot to be run: Agenda moves `nextRunAt` on when a run starts. */
  scheduledFor: Date;
}

/** What a repository for Agenda is made of. */
export interface JobRepositoryOptions {
  /** Reads for Agenda's statistics. */
  readonly reads: MongoJobRepository;
  /** Takes the lock of the next run of a job. Must not throw. */
  take(name: string, dueBefore: Date): Promise<LockedJob | undefined>;
  /** Begins a run. What it throws keeps Agenda from doing the work. */
  begin(job: LockedJob): Promise<void>;
  /** Told when Agenda has done with a run that was begun. Must not throw. */
  end(job: LockedJob): void;
}

/**
 * The storage that Agenda works on. Reading is that of its MongoDB backend;
 * locking, starting and ending are ours, because that backend
 * - stores the next `nextRunAt` when a run starts and once more when it ends,
 *   each calculated from the interval as it was when the lock was taken, by
 *   `_id` alone: an edit made during a run is undone, and a worker that lost
 *   its lock writes over the one that has it (MongoJobRepository.saveJobState);
 * - leaves a job locked for its lock's lifetime when the database goes away
 *   before a run starts or when one ends (Job.run ignores that failure).
 *
 * Whatever would change a job past our revision is refused.
 */
export function createJobRepository({
  reads,
  take,
  begin,
  end,
}: JobRepositoryOptions): JobRepository {
  return {
    connect: () => reads.connect(),
    queryJobs: (options) => reads.queryJobs(options),
    getJobsOverview: () => reads.getJobsOverview(),
    getDistinctJobNames: () => reads.getDistinctJobNames(),
    getJobById: (id) => reads.getJobById(id),
    getQueueSize: () => reads.getQueueSize(),
    getNextJobToRun: (name, dueBefore) => take(name, dueBefore),
    async saveJobState(job) {
      if (!isLockedJob(job)) {
        return;
      }
      // Job.run calls this twice: before the work, and after it without
      // `lockedAt`. The end is recorded with the run, and retried there.
      if (job.lockedAt === undefined) {
        end(job);
      } else {
        await begin(job);
      }
    },
    // Locks are handed back by the attempt that took them.
    unlockJob: async () => {},
    unlockJobs: async () => {},
    lockJob: async () => undefined,
    saveJob: async () => refuse("save"),
    removeJobs: async () => refuse("remove"),
    disableJobs: async () => refuse("disable"),
    enableJobs: async () => refuse("enable"),
    purgeAllJobs: async () => refuse("purge"),
  };
}

/** Whether parameters of Agenda are those of a job that was locked here. */
export function isLockedJob(job: JobParameters): job is LockedJob {
  return "lockId" in job;
}

/** Turns a lock into what Agenda works with. */
export function toLockedJob({ id, job, slot }: JobLock): LockedJob {
  const now = new Date();
  return {
    _id: toJobId(job._id.toHexString()),
    name: job.name,
    type: job.type,
    priority: job.priority,
    data: job.data,
    // Not in the future: so that the waiting for the slot is ours.
    nextRunAt: slot < now ? slot : now,
    lockedAt: now,
    lastRunAt: job.lastRunAt ?? undefined,
    lastFinishedAt: job.lastFinishedAt ?? undefined,
    failedAt: job.failedAt ?? undefined,
    failReason: job.failReason ?? undefined,
    failCount: job.failCount,
    repeatInterval: job.repeatInterval,
    repeatTimezone: job.repeatTimezone ?? undefined,
    disabled: job.disabled,
    lockId: id,
    scheduledFor: slot,
  };
}

function refuse(what: string): never {
  throw new Error(
    `agenda may not ${what} jobs: edit them with the functions of this package`,
  );
}
