import { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import { createClient } from "@connectrpc/connect";
import { transport } from "../transport.js";

/** Shows and changes the jobs of this service. */
export const jobClient = createClient(JobService, transport);
