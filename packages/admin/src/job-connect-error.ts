import { StaleJobSchema } from "@both-ends/gen/admin/v1/job_pb.js";
import {
  InvalidScheduleError,
  JobStateError,
  StaleRevisionError,
  UnknownJobError,
} from "@both-ends/jobs";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { toJob } from "./job-message.js";

/** What a second editor is told: the job as it is, and what has changed. */
export type StaleJobInit = MessageInitShape<typeof StaleJobSchema>;

/**
 * Gives an error of a job's edit its code. `changes` are those made since the
 * revision that the edit was made from; other errors stay as they are.
 */
export function toJobConnectError(
  error: unknown,
  changes: StaleJobInit["changes"] = [],
): unknown {
  if (error instanceof InvalidScheduleError) {
    return new ConnectError(error.message, Code.InvalidArgument);
  }
  if (error instanceof UnknownJobError) {
    return new ConnectError(error.message, Code.NotFound);
  }
  if (error instanceof JobStateError) {
    return new ConnectError(error.message, Code.FailedPrecondition);
  }
  if (error instanceof StaleRevisionError) {
    const value: StaleJobInit = { current: toJob(error.current), changes };
    return new ConnectError(error.message, Code.Aborted, undefined, [
      { desc: StaleJobSchema, value },
    ]);
  }
  return error;
}
