import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { createSendHeartbeatJob } from "@both-ends/heartbeat";
import { baseOptions, type ServiceDefinition } from "@both-ends/service";
import { z } from "zod";
import { watchTime } from "./watch-time.js";
import { whatTimeIs } from "./what-time-is.js";

const config = z.object(
  baseOptions({
    port: 8010,
    grpcPort: 50051,
    metricsPort: 9999,
    workerMetricsPort: 9997,
  }),
);

/** The service that tells the time. */
export const time: ServiceDefinition<typeof config> = {
  name: "time",
  version: "0.1.0",
  config,
  server: () => ({
    routes(router) {
      router.service(TimeService, { whatTimeIs, watchTime });
    },
  }),
  worker: ({ config, connect }) => [
    createSendHeartbeatJob({
      transport: connect("edge", config.EDGE_URL).transport,
      serviceName: "time",
      instanceId: config.INSTANCE_ID,
      token: config.HEARTBEAT_TOKEN,
    }),
  ],
};
