import type { JobParameters, JobRepository } from "agenda";

/** Puts notes on jobs when they are locked, and finds them when they run. */
export interface LockMarks<T> {
  /** The note on a job, undefined if it was not locked under observation. */
  of(job: JobParameters): T | undefined;
  /** Leaves the repository as it was. */
  detach(): void;
}

/**
 * Has `describe` look at each job as stored when it is locked. At the event
 * `start` it is too late: Agenda has written the new run over `nextRunAt` and
 * `lastRunAt` by then.
 *
 * The note is a property with a symbol for its name: Agenda copies it to the
 * job that runs, and leaves it out where it stores or forks one. `describe`
 * must not throw.
 */
export function markLocks<T>(
  repository: JobRepository,
  describe: (job: JobParameters) => T,
): LockMarks<T> {
  const key = Symbol("agenda-prometheus");
  const inherited = !Object.hasOwn(repository, "getNextJobToRun");
  const original = repository.getNextJobToRun;
  let attached = true;
  const observed: typeof original = async (...args) => {
    const job = await original.apply(repository, args);
    if (job !== undefined && attached) {
      Object.assign(job, { [key]: describe(job) });
    }
    return job;
  };
  repository.getNextJobToRun = observed;
  return {
    // Only written above.
    of: (job) => (job as JobParameters & { [key]?: T })[key],
    detach() {
      attached = false;
      if (repository.getNextJobToRun !== observed) {
        // Somebody else has wrapped it since, and goes on calling this one.
        return;
      }
      if (inherited) {
        Reflect.deleteProperty(repository, "getNextJobToRun");
      } else {
        repository.getNextJobToRun = original;
      }
    },
  };
}
