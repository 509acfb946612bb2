import type { LongRun } from "./long-run.js";

/** A run, and the parts of it to run; all if there are none. */
export interface ChosenRun<Run> {
  readonly run: Run;
  readonly parts: readonly string[];
}

/**
 * Reads which runs are meant by names, each `name` or `name:part`. Without
 * names, all are. Throws a RangeError for a name that there is not.
 */
export function chooseRuns<Run extends Pick<LongRun, "name" | "parts">>(
  runs: readonly Run[],
  names: readonly string[],
): ChosenRun<Run>[] {
  const chosen = new Map<Run, string[]>();
  for (const text of names) {
    const [name, part] = text.split(":");
    const run = runs.find((one) => one.name === name);
    if (run === undefined) {
      const known = runs.map((one) => one.name).join(", ");
      throw new RangeError(`there is no run ${name}, there are ${known}`);
    }
    if (part !== undefined && !run.parts?.includes(part)) {
      const known = run.parts?.join(", ") ?? "none";
      throw new RangeError(
        `${name} has no part ${part}, its parts are ${known}`,
      );
    }
    const parts = chosen.get(run) ?? [];
    chosen.set(run, part === undefined ? parts : [...parts, part]);
  }
  return names.length === 0
    ? runs.map((run) => ({ run, parts: [] }))
    : [...chosen].map(([run, parts]) => ({ run, parts }));
}
