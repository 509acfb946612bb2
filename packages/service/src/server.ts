import type { AddressInfo } from "node:net";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { createServerMetrics } from "connectrpc-prometheus";
import { createOnePort } from "fastify-one-port";
import type { z } from "zod";
import type { BaseConfig, ConfigSchema } from "./config.js";
import { registerConsoleRoutes } from "./console-routes.js";
import { createHttpApp, listen } from "./http-app.js";
import { createLimitMetrics } from "./limit-metrics.js";
import {
  createMetricsApp,
  registerObservationRoutes,
} from "./observation-routes.js";
import {
  createProcessContext,
  type ProcessContext,
} from "./process-context.js";
import { serviceBuckets } from "./registry.js";
import { createRpcs } from "./rpcs.js";
import type { ServerParts, ServiceDefinition } from "./service-definition.js";
import { observeTlsFailures } from "./tls-failures.js";
import { readServerTls } from "./tls-files.js";

/** A running process of a service. */
export interface RunningProcess {
  /** Where it listens. A worker has metrics alone. */
  addresses: { web?: AddressInfo; grpc?: AddressInfo; metrics: AddressInfo };
  /** Ends it in order, within its grace time. */
  close(): Promise<void>;
}

/**
 * Starts the server process of a service: everything on one port, the same
 * handler on the port for gRPC clients, and metrics on a third. Resolves when
 * all of them listen; rejects, with all closed, if one of them cannot.
 */
export async function startServer<Schema extends ConfigSchema>(
  definition: ServiceDefinition<Schema>,
  config: z.output<Schema>,
): Promise<RunningProcess> {
  const context = createProcessContext({
    service: definition.name,
    version: definition.version,
    role: "server",
    config,
  });
  const close = () => context.close();
  try {
    const parts = await definition.server(context);
    return { addresses: await serve(context, parts), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function serve(
  context: ProcessContext<BaseConfig>,
  parts: ServerParts,
): Promise<RunningProcess["addresses"]> {
  const { config, logger, onClose, readiness, registry } = context;
  // Closed after the calls are over, so that a scrape sees them end.
  const metricsApp = await createMetricsApp(context);
  onClose(() => metricsApp.close());

  const tls = readServerTls(config);
  const limitMetrics = createLimitMetrics(registry);
  const serverMetrics = createServerMetrics({
    registry,
    buckets: serviceBuckets,
  });
  const rpcs = createRpcs(context, parts, serverMetrics);
  const onePort = createOnePort({
    ...(tls && { tls }),
    ...(rpcs.lane && { intercept: rpcs.lane }),
    onLimit: limitMetrics.onLimit,
    limitArrival: (path) => !rpcs.clientStreams.has(path),
    shutdownGraceMs: config.SHUTDOWN_GRACE_MS,
    maxConnections: config.MAX_CONNECTIONS,
    maxConcurrentStreams: config.MAX_STREAMS_PER_CONNECTION,
    maxHeaderSizeBytes: config.MAX_HEADER_BYTES,
    prefaceTimeoutMs: config.PREFACE_TIMEOUT_MS,
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
    keepAliveTimeoutMs: config.IDLE_TIMEOUT_MS,
    sessionIdleTimeoutMs: config.IDLE_TIMEOUT_MS,
  });
  const app = await createHttpApp({
    logger,
    serverFactory: onePort.serverFactory,
    corsOrigins: config.CORS_ORIGINS,
    maxBodyBytes: config.MAX_MESSAGE_BYTES,
    onUnknownRpc: serverMetrics.countUnknownMethod,
  });
  limitMetrics.observe(onePort);
  if (tls !== undefined) {
    observeTlsFailures(onePort.http1, { registry, logger });
  }
  await app.register(async (scope) => {
    // Else Fastify answers 415 by itself to content types that it does not
    // know, and nobody counts it.
    scope.addContentTypeParser("*", (_req, _payload, done) => done(null));
    scope.register(fastifyConnectPlugin, rpcs.options);
  });
  registerObservationRoutes(app, {
    registry,
    readiness,
    metricsPaths: ["/metrics", "/prometheus/metrics"],
    metricsToken: config.METRICS_TOKEN,
  });
  await registerConsoleRoutes(app);
  parts.http?.(app);
  onClose(async () => {
    readiness.draining();
    rpcs.drain();
    await app.close();
  });

  const { HOST: host, PORT, GRPC_PORT, METRICS_PORT } = config;
  const web = await listen(app, { host, port: PORT });
  const grpc = await onePort.listen({ host, port: GRPC_PORT });
  const metrics = await listen(metricsApp, { host, port: METRICS_PORT });
  readiness.started();
  return { web, grpc, metrics };
}
