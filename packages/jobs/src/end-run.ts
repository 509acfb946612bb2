import type { Db } from "mongodb";
import type { BodyEnd } from "./run-body.js";
import { type RunDocument, runCollection } from "./run-document.js";
import { failureText, type RunLog, shortenText } from "./run-log.js";

/** How and when a run ended. */
export interface EndRunOptions {
  readonly at: Date;
  readonly ended: BodyEnd;
  readonly log: RunLog;
}

/**
 * Records the end of a run. May be repeated. Gives false if the run has been
 * counted as lost, which it stays: its slot may have been started again.
 */
export async function endRun(
  db: Db,
  run: RunDocument,
  { at, ended, log }: EndRunOptions,
): Promise<boolean> {
  const runs = runCollection(db);
  const { matchedCount } = await runs.updateOne(
    { _id: run._id, lock_id: run.lock_id, outcome: "running" },
    {
      $set: {
        ended_at: at,
        outcome: ended.kind,
        ...(ended.kind === "failure"
          ? { failure: failureText(ended.error) }
          : { result: resultText(ended.result) }),
        ...log.content(),
      },
    },
  );
  if (matchedCount === 1) {
    return true;
  }
  const stored = await runs.findOne({ _id: run._id });
  return stored?.outcome !== "lost";
}

function resultText(result: string | undefined): string | null {
  return result === undefined ? null : shortenText(result);
}
