import { HeartbeatAdminService } from "@both-ends/gen/admin/v1/heartbeat_admin_service_pb.js";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { createClient } from "@connectrpc/connect";
import { transport } from "../transport.js";

/** Shows the states and the history. */
export const heartbeatClient = createClient(HeartbeatService, transport);

/** For those who look after them. */
export const heartbeatAdminClient = createClient(
  HeartbeatAdminService,
  transport,
);
