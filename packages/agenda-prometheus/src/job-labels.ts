import type { Settings } from "./options.js";

/** Turns job names into label values. */
export interface JobLabels {
  /** The value for a job, undefined if it is not counted. */
  of(jobName: string): string | undefined;
}

/** Creates label values of which there are no more than `maxJobNames`, and `other`. */
export function createJobLabels({
  filter,
  maxJobNames,
}: Pick<Settings, "filter" | "maxJobNames">): JobLabels {
  const names = new Set<string>();
  return {
    of(jobName) {
      try {
        if (!filter(jobName)) {
          return undefined;
        }
      } catch {
        // It is asked inside a run, which must not fail for that.
        return undefined;
      }
      if (names.size < maxJobNames) {
        names.add(jobName);
      }
      return names.has(jobName) ? jobName : "other";
    },
  };
}
