import { adminDatabase, createPruneAdminJob } from "@both-ends/admin";
import { EdgeService } from "@both-ends/gen/edge/v1/edge_service_pb.js";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import {
  createHeartbeatStore,
  createHeartbeatWatcher,
  createPruneHeartbeatsJob,
  createSendHeartbeatJob,
  registerHeartbeatMetrics,
} from "@both-ends/heartbeat";
import {
  baseOptions,
  metricsTargetsOption,
  millisecondsOption,
  type ServiceDefinition,
  urlOption,
} from "@both-ends/service";
import { createClient } from "@connectrpc/connect";
import { z } from "zod";
import { createAdminHeartbeats } from "./admin-heartbeats.js";
import { createBeatHeart } from "./beat-heart.js";
import { createBeatHearts } from "./beat-hearts.js";
import { createHeartbeatAuthorization } from "./heartbeat-authorization.js";
import { createListHeartbeats } from "./list-heartbeats.js";
import { createProxy, createProxyHandler } from "./proxy.js";
import { registerProxyRoute } from "./proxy-route.js";
import { createWatchHeartbeats } from "./watch-heartbeats.js";

const config = z.object({
  ...baseOptions({
    port: 8012,
    grpcPort: 50053,
    metricsPort: 9995,
    workerMetricsPort: 9994,
  }),
  METRICS_TARGETS: metricsTargetsOption(
    [
      "edge-worker=http://127.0.0.1:9994/metrics",
      "time=http://127.0.0.1:9999/metrics",
      "time-worker=http://127.0.0.1:9997/metrics",
      "revert-name=http://127.0.0.1:9998/metrics",
      "revert-name-worker=http://127.0.0.1:9996/metrics",
    ].join(","),
  ),
  REVERT_NAME_URL: urlOption("http://127.0.0.1:8011", "address of revert-name"),
  TIME_URL: urlOption("http://127.0.0.1:8010", "address of time"),
  CALL_TIMEOUT_MS: millisecondsOption(
    5_000,
    "how long a call to another service may take",
  ),
  ALLOW_OPEN_HEARTBEATS: z
    .stringbool()
    .default(false)
    .describe(
      "lets anyone who reaches this service beat, also on an address that is not loopback",
    ),
  HEARTBEAT_MAX_AGE_DAYS: z.coerce
    .number()
    .positive()
    .default(7)
    .describe("beats older than this are pruned, in days"),
  AUDIT_MAX_COUNT: z.coerce
    .number()
    .int()
    .min(1)
    .default(10_000)
    .describe("changes in the audit log beyond the newest so many are pruned"),
  HEARTBEAT_MAX_COUNT: z.coerce
    .number()
    .int()
    .min(1)
    .default(10_000)
    .describe("beats beyond the newest so many are pruned"),
});

/** The name of the database that holds the heartbeats. */
const heartbeatDatabase = "edge";

/** The service that proxies to the others, and keeps the heartbeats. */
export const edge: ServiceDefinition<typeof config> = {
  name: "edge",
  version: "0.1.0",
  config,
  server({ admission, config, connect, database, logger, onClose, registry }) {
    const proxy = createProxy({
      revertName: createClient(
        RevertNameService,
        connect("revert-name", config.REVERT_NAME_URL).transport,
      ),
      time: createClient(
        TimeService,
        connect("time", config.TIME_URL).transport,
      ),
      callTimeoutMs: config.CALL_TIMEOUT_MS,
    });
    const store = createHeartbeatStore({
      db: database([HeartbeatService.typeName]).db(heartbeatDatabase),
    });
    const watcher = createHeartbeatWatcher(store);
    onClose(() => watcher.close());
    registerHeartbeatMetrics({ registry, store });
    return {
      authorize: createHeartbeatAuthorization(config),
      admin: {
        heartbeats: createAdminHeartbeats(store),
        makesFirstUser: true,
      },
      routes(router) {
        router.service(EdgeService, { proxy: createProxyHandler(proxy) });
        router.service(HeartbeatService, {
          beatHeart: createBeatHeart(store),
          beatHearts: createBeatHearts(store),
          watchHeartbeats: createWatchHeartbeats(watcher),
          listHeartbeats: createListHeartbeats(store),
        });
      },
      http: (app) => registerProxyRoute(app, { admission, logger, proxy }),
    };
  },
  worker({ config, connect, database }) {
    const store = createHeartbeatStore({
      db: database().db(heartbeatDatabase),
    });
    return [
      createSendHeartbeatJob({
        transport: connect("edge", config.EDGE_URL).transport,
        serviceName: "edge",
        instanceId: config.INSTANCE_ID,
        token: config.HEARTBEAT_TOKEN,
      }),
      createPruneHeartbeatsJob(store, {
        maxAgeMs: config.HEARTBEAT_MAX_AGE_DAYS * 24 * 60 * 60 * 1000,
        maxCount: config.HEARTBEAT_MAX_COUNT,
      }),
      createPruneAdminJob(database().db(adminDatabase), {
        auditMaxCount: config.AUDIT_MAX_COUNT,
      }),
    ];
  },
};
