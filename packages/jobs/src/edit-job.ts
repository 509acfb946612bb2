import type { Db } from "mongodb";
import {
  type JobDocument,
  jobCollection,
  jobDocumentId,
  readSchedule,
  toScheduleFields,
} from "./job-document.js";
import {
  firstSlot,
  nextSlot,
  parseSchedule,
  type Schedule,
} from "./schedule.js";
import { type ScheduledJob, toScheduledJob } from "./scheduled-job.js";

/** Names the state of the job that an edit was made from. */
export interface EditOptions {
  /** The revision that the person saw. */
  readonly revision: number;
  /** The person. By default, nobody is named. */
  readonly by?: string;
}

/** An UnknownJobError is raised if no worker ever started with a job of this name. */
export class UnknownJobError extends Error {
  override name = "UnknownJobError";
}

/**
 * A StaleRevisionError is raised if somebody else has edited the job since;
 * `current` is what it is now.
 */
export class StaleRevisionError extends Error {
  override name = "StaleRevisionError";
  constructor(
    message: string,
    readonly current: ScheduledJob,
  ) {
    super(message);
  }
}

/**
 * A JobStateError is raised if the job is in a state in which the edit has no
 * meaning; `current` is what it is now.
 */
export class JobStateError extends Error {
  override name = "JobStateError";
  constructor(
    message: string,
    readonly current: ScheduledJob,
  ) {
    super(message);
  }
}

/**
 * Gives a job another schedule; a run that is going on is not touched, the
 * next one follows the new schedule: an interval counts from now. Resolves with
 * the job as it is then.
 *
 * Throws InvalidScheduleError (nothing is stored), StaleRevisionError,
 * UnknownJobError, and JobStateError if the job has been removed.
 */
export async function editSchedule(
  db: Db,
  name: string,
  options: EditOptions & Schedule,
): Promise<ScheduledJob> {
  const schedule = parseSchedule(options);
  const fields = toScheduleFields(options);
  const now = new Date();
  return await edit(db, name, options, notRemoved, () => ({
    ...fields,
    nextRunAt: nextSlot(schedule, now, now),
    manualSlot: null,
  }));
}

/**
 * Keeps a job from being started; a run that is going on ends as usual.
 * Throws StaleRevisionError, UnknownJobError, and JobStateError if the job has
 * been removed.
 */
export async function pauseJob(
  db: Db,
  name: string,
  options: EditOptions,
): Promise<ScheduledJob> {
  return await edit(db, name, options, notRemoved, () => ({ disabled: true }));
}

/**
 * Lets a paused job go on with the next slot of its schedule; slots that passed
 * are not made up. Throws StaleRevisionError, UnknownJobError, and
 * JobStateError if the job is not paused.
 */
export async function resumeJob(
  db: Db,
  name: string,
  options: EditOptions,
): Promise<ScheduledJob> {
  return await edit(db, name, options, ["paused"], (job) => {
    const now = new Date();
    return {
      disabled: false,
      nextRunAt: nextSlot(readSchedule(job), job.nextRunAt ?? now, now),
    };
  });
}

/**
 * Starts a job within some seconds, beside its schedule; if a run is going on,
 * when that has ended. The schedule goes on from there. Throws
 * StaleRevisionError, UnknownJobError, and JobStateError if the job is not
 * active.
 */
export async function runJobNow(
  db: Db,
  name: string,
  options: EditOptions,
): Promise<ScheduledJob> {
  const now = new Date();
  return await edit(db, name, options, ["active"], () => ({
    nextRunAt: now,
    manualSlot: now,
    manualBy: options.by ?? null,
  }));
}

/**
 * Takes a job off the schedule until it is created again; a run that is going
 * on ends as usual, and the history stays. A restart of its workers does not
 * bring it back. Throws StaleRevisionError, UnknownJobError, and JobStateError
 * if the job has been removed.
 */
export async function removeJob(
  db: Db,
  name: string,
  options: EditOptions,
): Promise<ScheduledJob> {
  return await edit(db, name, options, notRemoved, () => ({
    removed: true,
    disabled: true,
  }));
}

/**
 * Puts a removed job back with the schedule given. Throws InvalidScheduleError,
 * StaleRevisionError, UnknownJobError, and JobStateError if the job has not
 * been removed.
 */
export async function createJob(
  db: Db,
  name: string,
  options: EditOptions & Schedule,
): Promise<ScheduledJob> {
  const schedule = parseSchedule(options);
  const fields = toScheduleFields(options);
  return await edit(db, name, options, ["removed"], () => ({
    ...fields,
    removed: false,
    disabled: false,
    nextRunAt: firstSlot(schedule, new Date()),
  }));
}

const notRemoved = ["active", "paused"] as const;

/** The fields that an edit may touch; a run writes none but `nextRunAt`. */
type EditableFields = Pick<
  JobDocument,
  | "repeatInterval"
  | "repeatTimezone"
  | "nextRunAt"
  | "disabled"
  | "removed"
  | "manualSlot"
  | "manualBy"
>;

/**
 * One conditional update. Agenda's own `job.save()` writes every property back
 * as it was when read, the lock among them in older versions, and `nextRunAt`
 * whatever a run has stored since.
 */
async function edit(
  db: Db,
  name: string,
  { revision, by = "" }: EditOptions,
  states: readonly ScheduledJob["state"][],
  change: (job: JobDocument) => Partial<EditableFields>,
): Promise<ScheduledJob> {
  const jobs = jobCollection(db);
  const _id = jobDocumentId(name);
  const before = await jobs.findOne({ _id });
  if (before === null) {
    throw new UnknownJobError(`no job is named "${name}"`);
  }
  const current = toScheduledJob(before);
  if (current.revision !== revision) {
    throw stale(current, revision);
  }
  if (!states.includes(current.state)) {
    throw new JobStateError(`job "${name}" is ${current.state}`, current);
  }
  const after = await jobs.findOneAndUpdate(
    { _id, revision },
    {
      $set: { ...change(before), editedBy: by, editedAt: new Date() },
      $inc: { revision: 1 },
    },
    { returnDocument: "after" },
  );
  if (after === null) {
    const now = await jobs.findOne({ _id });
    throw now === null
      ? new UnknownJobError(`no job is named "${name}"`)
      : stale(toScheduledJob(now), revision);
  }
  return toScheduledJob(after);
}

function stale(current: ScheduledJob, revision: number): StaleRevisionError {
  return new StaleRevisionError(
    `job "${current.name}" is at revision ${current.revision}, not ${revision}`,
    current,
  );
}
