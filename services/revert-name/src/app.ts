import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { createSendHeartbeatJob } from "@both-ends/heartbeat";
import { baseOptions, type ServiceDefinition } from "@both-ends/service";
import { z } from "zod";
import { createRevertName, createRevertNames } from "./revert-name.js";

const config = z.object({
  ...baseOptions({
    port: 8011,
    grpcPort: 50052,
    metricsPort: 9998,
    workerMetricsPort: 9996,
  }),
  FAULT_INJECTION: z
    .stringbool()
    .default(false)
    .describe("whether names such as key_error or not_found fail on purpose"),
});

/** The service that reverses names, and fails on demand. */
export const revertName: ServiceDefinition<typeof config> = {
  name: "revert-name",
  version: "0.1.0",
  config,
  server: ({ config }) => ({
    routes(router) {
      const options = { faultInjection: config.FAULT_INJECTION };
      router.service(RevertNameService, {
        revertName: createRevertName(options),
        revertNames: createRevertNames(options),
      });
    },
  }),
  worker: ({ config, connect }) => [
    createSendHeartbeatJob({
      transport: connect("edge", config.EDGE_URL).transport,
      serviceName: "revert-name",
      instanceId: config.INSTANCE_ID,
      token: config.HEARTBEAT_TOKEN,
    }),
  ],
};
