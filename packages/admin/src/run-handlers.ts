import type { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import { findJob, findRun, listRuns } from "@both-ends/jobs";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { Db } from "mongodb";
import type { EditJob } from "./job-editor.js";
import { fromRunOutcome, toJob, toRun } from "./job-message.js";
import {
  defaultPageSize,
  formatPageToken,
  notOurs,
  parsePageToken,
} from "./page-token.js";
import { fromTimestamp } from "./timestamp.js";

/** Makes the handlers of JobService that are about runs. */
export function createRunHandlers({
  db,
  edit,
}: {
  readonly db: Db;
  readonly edit: EditJob;
}): Pick<ServiceImpl<typeof JobService>, "listRuns" | "getRun" | "requeueRun"> {
  async function mustFind(id: string) {
    const run = await findRun(db, id);
    if (run === undefined) {
      throw new ConnectError(`there is no run "${id}"`, Code.NotFound);
    }
    return run;
  }

  return {
    async listRuns(request) {
      const { job, pageSize = defaultPageSize, pageToken } = request;
      const [before] = parsePageToken(pageToken, 1) ?? [];
      try {
        const { runs, next } = await listRuns(db, {
          job: job === "" ? undefined : job,
          outcome: fromRunOutcome(request.outcome),
          from: fromTimestamp(request.from),
          to: fromTimestamp(request.to),
          limit: pageSize,
          before,
        });
        return {
          runs: runs.map(toRun),
          nextPageToken: next === undefined ? "" : formatPageToken(next),
        };
      } catch (error) {
        throw error instanceof RangeError ? notOurs(pageToken) : error;
      }
    },
    getRun: async ({ id }) => ({ run: toRun(await mustFind(id)) }),
    async requeueRun({ id }, context) {
      const run = await mustFind(id);
      if (run.outcome !== "failure" && run.outcome !== "lost") {
        throw new ConnectError(
          `run "${id}" has the outcome ${run.outcome}: only one that failed or was lost can be run again`,
          Code.FailedPrecondition,
        );
      }
      const job = await findJob(db, run.job);
      const revision = job?.revision ?? 0;
      const again = { name: run.job, revision };
      return { job: toJob(await edit(context, again, { kind: "run" })) };
    },
  };
}
