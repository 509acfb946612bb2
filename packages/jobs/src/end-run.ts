import type { Db } from "mongodb";
import type { BodyEnd } from "./run-body.js";
import { storeDetails } from "./run-details.js";
import { type RunEnd, runCollection, type StartedRun } from "./run-document.js";
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
  run: StartedRun,
  { at, ended, log }: EndRunOptions,
): Promise<boolean> {
  const runs = runCollection(db);
  if (log.content().log.length > 0) {
    await storeDetails(db, run, log.content());
  }
  const end: RunEnd = {
    worker: run.worker,
    requested_by: run.requested_by,
    ended_at: at.getTime(),
    ...(ended.kind === "failure"
      ? { failure: failureText(ended.error) }
      : { result: ended.result && shortenText(ended.result) }),
  };
  const { matchedCount } = await runs.updateOne(
    { _id: run._id, lock_id: run.lock_id, outcome: "running" },
    {
      $set: { outcome: ended.kind, end: JSON.stringify(end) },
      $unset: {
        lock_id: "",
        lock_expires_at: "",
        worker: "",
        requested_by: "",
      },
    },
  );
  if (matchedCount === 1) {
    return true;
  }
  const stored = await runs.findOne({ _id: run._id });
  return stored?.outcome !== "lost";
}
