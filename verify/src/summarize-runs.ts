import { markdownTable } from "@both-ends/bench";
import type { LongRun } from "./long-run.js";

/**
 * One table of all runs, in their order, with what the document says about the
 * last time each was run: the date, how long it took, and its verdict.
 */
export function summarizeRuns(
  runs: readonly Pick<LongRun, "name" | "title">[],
  document: string,
): string {
  const rows = runs.map(({ name, title }) => {
    const section = document
      .split(`<!-- ${name}:begin -->`)[1]
      ?.split(`<!-- ${name}:end -->`)[0];
    return [title, ...readSection(section ?? "")];
  });
  const heads = ["`npm run verify`", "last run", "s", "verdict"];
  return markdownTable(heads, rows);
}

function readSection(section: string): string[] {
  const [, seconds, date] =
    /^`npm run verify.*`, (\d+) s, .*?(\d{4}-\d\d-\d\d)/m.exec(section) ?? [];
  const verdict = /^verdict: (pass|FAIL)/m.exec(section)?.[1];
  return date && seconds && verdict
    ? [date, seconds, verdict]
    : ["not yet", "", ""];
}
