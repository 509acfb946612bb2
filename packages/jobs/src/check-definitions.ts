import { defaultLockLifetimeMs, type JobDefinition } from "./job-definition.js";
import { parseSchedule } from "./schedule.js";

const maxTimerMs = 2 ** 31 - 1;

/**
 * Checks definitions, and gives them by name. Throws RangeError for a name or a
 * time that is not possible, InvalidScheduleError for a schedule.
 */
export function checkDefinitions(
  jobs: readonly JobDefinition[],
  processEveryMs: number,
): ReadonlyMap<string, JobDefinition> {
  if (!(processEveryMs >= 50 && processEveryMs <= maxTimerMs)) {
    throw new RangeError(
      `processEveryMs is ${processEveryMs}, not 50 to ${maxTimerMs}`,
    );
  }
  const definitions = new Map<string, JobDefinition>();
  for (const job of jobs) {
    const { name, timeoutMs, lockLifetimeMs = defaultLockLifetimeMs } = job;
    if (!/^[\w.-]{1,100}$/.test(name)) {
      throw new RangeError(`"${name}" is not the name of a job`);
    }
    if (definitions.has(name)) {
      throw new RangeError(`two jobs are named "${name}"`);
    }
    if (!(timeoutMs >= 1 && timeoutMs <= maxTimerMs)) {
      throw new RangeError(
        `job "${name}": timeoutMs is ${timeoutMs}, not 1 to ${maxTimerMs}`,
      );
    }
    // A lock is taken up to one scan ahead of its slot.
    const minLifetimeMs = 2 * processEveryMs;
    if (!(lockLifetimeMs >= minLifetimeMs && lockLifetimeMs <= maxTimerMs)) {
      throw new RangeError(
        `job "${name}": lockLifetimeMs is ${lockLifetimeMs}, not ${minLifetimeMs} to ${maxTimerMs}`,
      );
    }
    parseSchedule(job);
    definitions.set(name, job);
  }
  return definitions;
}
