import { type Db, MongoServerError } from "mongodb";
import { defaultLockLifetimeMs, type JobDefinition } from "./job-definition.js";
import {
  jobCollection,
  jobDocumentId,
  toScheduleFields,
} from "./job-document.js";
import { firstSlot, parseSchedule } from "./schedule.js";

/**
 * Makes the documents of these jobs where there are none; several workers may
 * do so at once. An existing document keeps its schedule, paused or removed as
 * it may be: only what belongs to the code (description, data, lock lifetime)
 * is brought up to date.
 *
 * Agenda's `every()` is not used: it writes the interval and the next run anew
 * at each start.
 */
export async function ensureJobs(
  db: Db,
  definitions: readonly JobDefinition[],
): Promise<void> {
  for (const definition of definitions) {
    try {
      await ensureJob(db, definition);
    } catch (error) {
      if (!isDuplicateKey(error)) {
        throw error;
      }
      // MongoDB lets two upserts of one missing `_id` collide: the other one
      // made the document, and this one now finds it.
      await ensureJob(db, definition);
    }
  }
}

/** Whether an error says that a document of this `_id` is there already. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === 11_000;
}

async function ensureJob(db: Db, definition: JobDefinition): Promise<void> {
  const { name, description, data = null } = definition;
  await jobCollection(db).updateOne(
    { _id: jobDocumentId(name) },
    {
      $set: {
        description,
        data,
        lockLifetimeMs: definition.lockLifetimeMs ?? defaultLockLifetimeMs,
      },
      $setOnInsert: {
        name,
        type: "single",
        priority: 0,
        ...toScheduleFields(definition),
        nextRunAt: firstSlot(parseSchedule(definition), new Date()),
        disabled: false,
        failCount: 0,
        revision: 1,
        removed: false,
      },
    },
    { upsert: true },
  );
}
