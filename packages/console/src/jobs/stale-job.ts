import {
  type StaleJob,
  StaleJobSchema,
} from "@both-ends/gen/admin/v1/job_pb.js";
import { ConnectError } from "@connectrpc/connect";

/** What somebody else has changed, if that is why an edit was refused. */
export function findStaleJob(error: unknown): StaleJob | undefined {
  return ConnectError.from(error).findDetails(StaleJobSchema)[0];
}
