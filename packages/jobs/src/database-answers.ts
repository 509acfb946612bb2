import { isDatabaseUnavailable } from "@both-ends/mongo";
import type { Logger } from "./logger.js";

/** What the database has answered last, and so whether jobs can be run. */
export interface DatabaseAnswers {
  /** Notes an answer, or the error that came instead. */
  add(error?: unknown): void;
  status(): { readonly running: boolean; readonly reason?: string };
}

/** Notes answers, and logs the change from good to bad and back once. */
export function createDatabaseAnswers(logger: Logger): DatabaseAnswers {
  let reason: string | undefined = "starting";
  return {
    add(error) {
      const before = reason;
      reason = error === undefined ? undefined : reasonOf(error);
      if (reason === before) {
        return;
      }
      if (reason === undefined) {
        logger.info({}, "jobs are running");
      } else {
        logger.warn({ err: error, reason }, "jobs are not running");
      }
    },
    status: () =>
      reason === undefined ? { running: true } : { running: false, reason },
  };
}

function reasonOf(error: unknown): string {
  if (isDatabaseUnavailable(error)) {
    return "the database is unavailable";
  }
  return error instanceof Error ? error.message : String(error);
}
