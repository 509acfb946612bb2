import { createHash } from "node:crypto";
import { type Collection, type Db, ObjectId } from "mongodb";
import type { ParsedSchedule, Schedule } from "./schedule.js";
import { parseSchedule } from "./schedule.js";

/**
 * The stored form of a job: Agenda's document (in Agenda's collection, so that
 * its own tools can read it) and, in the second half, what is ours.
 *
 * What may be null may be absent too: FerretDB leaves out what an upsert's
 * `$setOnInsert` sets to null.
 *
 * During a run `nextRunAt` stays the slot that is being run. Agenda itself
 * stores the next one when a run starts, and so would never run again what a
 * worker that died had begun.
 */
export interface JobDocument {
  _id: ObjectId;
  name: string;
  type: "single";
  priority: number;
  data: unknown;
  repeatInterval: string | number;
  repeatTimezone?: string | null;
  nextRunAt?: Date | null;
  disabled: boolean;
  lockedAt?: Date | null;
  lastModifiedBy?: string | null;
  lastRunAt?: Date | null;
  lastFinishedAt?: Date | null;
  failedAt?: Date | null;
  failReason?: string | null;
  failCount: number;

  description: string;
  lockLifetimeMs: number;
  /** Counts the edits: each names the revision it was made from. */
  revision: number;
  /** Who made the last edit, and when. */
  editedBy?: string | null;
  editedAt?: Date | null;
  /** The slot that somebody asked for by hand, and who. */
  manualSlot?: Date | null;
  manualBy?: string | null;
  /** Removed by the admin: kept, so that a restart does not create it anew. */
  removed: boolean;
  /** Names one taking of the lock, so that nobody else's is ever released. */
  lockId?: string | null;
  /** Names the set of worker jobs that holds the lock. */
  lockedBy?: string | null;
}

/** The jobs of a database. */
export function jobCollection(db: Db): Collection<JobDocument> {
  return db.collection<JobDocument>("agendaJobs", { writeConcern: durable });
}

/** A lock or a record counts only when it survives the loss of a server. */
export const durable = { w: "majority", j: true } as const;

/**
 * The `_id` of a job, made from its name: so there can be only one document of
 * a name, without a unique index. Agenda needs an ObjectId.
 */
export function jobDocumentId(name: string): ObjectId {
  const digest = createHash("sha256").update(name).digest();
  return new ObjectId(digest.subarray(0, 12));
}

/** The schedule fields of Agenda's document. */
export type ScheduleFields = Pick<
  JobDocument,
  "repeatInterval" | "repeatTimezone"
>;

/** Turns a valid schedule into Agenda's fields. */
export function toScheduleFields(schedule: Schedule): ScheduleFields {
  const parsed = parseSchedule(schedule);
  if (parsed.kind === "cron") {
    return { repeatInterval: parsed.cron, repeatTimezone: parsed.timezone };
  }
  const every = "every" in schedule ? schedule.every : parsed.intervalMs;
  return {
    // Agenda must read the same interval: it knows lower case only.
    repeatInterval: typeof every === "string" ? every.toLowerCase() : every,
    repeatTimezone: null,
  };
}

/** Reads the schedule back: only cron has a time zone. */
export function toSchedule(fields: ScheduleFields): Schedule {
  const { repeatInterval, repeatTimezone } = fields;
  return typeof repeatTimezone === "string"
    ? { cron: String(repeatInterval), timezone: repeatTimezone }
    : { every: repeatInterval };
}

/** Reads the schedule back for calculation. Throws InvalidScheduleError. */
export function readSchedule(fields: ScheduleFields): ParsedSchedule {
  return parseSchedule(toSchedule(fields));
}
