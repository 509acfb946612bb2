import { markdownTable } from "@both-ends/bench";
import {
  concludeSection,
  type LongRun,
  type RunOptions,
  type Section,
} from "../long-run.js";
import { percentile } from "../percentile.js";
import { startRealSystem } from "../real-system.js";
import {
  type KilledDatabase,
  killDatabaseUnderBeats,
} from "./kill-database.js";

/** The database of heartbeats is killed while they come in. */
export const databaseKillRun: LongRun = {
  name: "database-kill",
  title: "The database killed under beats",
  timeLimitMs: 8 * 60_000,
  run: runDatabaseKill,
};

const wholeRuns = 24;

async function runDatabaseKill({ scale }: RunOptions): Promise<Section> {
  const count = Math.max(1, Math.round(wholeRuns * scale));
  const system = await startRealSystem({ services: ["edge"] });
  const killed: KilledDatabase[] = [];
  try {
    for (let index = 0; index < count; index++) {
      const one = await killDatabaseUnderBeats(system);
      process.stderr.write(
        `${one.acknowledged} acknowledged, ${one.missing} missing, ${one.failed} failed, beats again after ${Math.round(one.recoveryMs ?? Number.NaN)} ms, last failure ${one.lastFailure}\n`,
      );
      killed.push(one);
    }
  } finally {
    await system.stop();
  }
  const wrong = killed.flatMap(judgeKilled);
  // In a single run, all may be retried with success.
  if (killed.every(({ failed }) => failed === 0)) {
    wrong.push("no beat met the kill");
  }
  return concludeSection(
    renderKilled(killed, system.database.engine),
    [...new Set(wrong)],
    "every acknowledged beat is in the history",
  );
}

/** What is wrong with a run. */
export function judgeKilled(one: KilledDatabase): string[] {
  return [
    ...(one.acknowledged === 0 ? ["no beat was acknowledged"] : []),
    ...(one.recoveryMs === undefined
      ? [`no beat was accepted any more: ${one.lastFailure}`]
      : []),
    ...(one.missing > 0
      ? [`${one.missing} of ${one.acknowledged} acknowledged beats are lost`]
      : []),
  ];
}

function renderKilled(
  killed: readonly KilledDatabase[],
  description: string,
): string {
  const sum = (value: (one: KilledDatabase) => number) =>
    killed
      .reduce((total, one) => total + value(one), 0)
      .toLocaleString("en-US");
  const recovery = killed.flatMap(({ recoveryMs }) => recoveryMs ?? []);
  const table = markdownTable(
    [
      "",
      "runs",
      "acknowledged",
      "missing",
      "failed",
      "median ms",
      "longest ms",
    ],
    [
      [
        "beats",
        String(killed.length),
        sum(({ acknowledged }) => acknowledged),
        sum(({ missing }) => missing),
        sum(({ failed }) => failed),
        String(Math.round(percentile(recovery, 0.5))),
        String(Math.round(percentile(recovery, 1))),
      ],
    ],
  );
  return `BeatHeart and BeatHearts without a pause on edge, on ${description}. The database gets SIGKILL and starts
again on the same data; then the history is read from it directly. Missing are beats that were acknowledged and are not
there. Failed are those whose senders were told so. The times are from the database's first answer to the next
acknowledged beat.

${table}`;
}
