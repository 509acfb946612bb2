import type { AddressInfo } from "node:net";
import { remoteAddress } from "@both-ends/admin";
import { type ConnectRouter, createContextValues } from "@connectrpc/connect";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { createValidateInterceptor } from "@connectrpc/validate";
import {
  createHealthBoard,
  createHealthRoutes,
  type HealthBoard,
} from "connectrpc-health";
import { createServerMetrics, type ServerMetrics } from "connectrpc-prometheus";
import { createReflectionRoutes } from "connectrpc-reflection";
import type { FastifyInstance } from "fastify";
import { createOnePort } from "fastify-one-port";
import type { z } from "zod";
import type { BaseConfig, ConfigSchema } from "./config.js";
import { createDrainingStreams } from "./draining-streams.js";
import { encodeGrpcMessages } from "./grpc-message.js";
import { createHttpApp, listen } from "./http-app.js";
import { createLimitMetrics } from "./limit-metrics.js";
import { createLogInterceptor } from "./log-interceptor.js";
import { mountAdmin } from "./mount-admin.js";
import {
  createMetricsApp,
  registerObservationRoutes,
} from "./observation-routes.js";
import {
  createProcessContext,
  type ProcessContext,
} from "./process-context.js";
import type { Readiness } from "./readiness.js";
import { serviceBuckets } from "./registry.js";
import { requestIdServerInterceptor } from "./request-id.js";
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
  const onePort = createOnePort({
    ...(tls && { tls }),
    onLimit: limitMetrics.onLimit,
    shutdownGraceMs: config.SHUTDOWN_GRACE_MS,
    maxConnections: config.MAX_CONNECTIONS,
    maxConcurrentStreams: config.MAX_STREAMS_PER_CONNECTION,
    maxHeaderSizeBytes: config.MAX_HEADER_BYTES,
    prefaceTimeoutMs: config.PREFACE_TIMEOUT_MS,
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
    keepAliveTimeoutMs: config.IDLE_TIMEOUT_MS,
    sessionIdleTimeoutMs: config.IDLE_TIMEOUT_MS,
  });
  const serverMetrics = createServerMetrics({
    registry,
    buckets: serviceBuckets,
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
  const rpcs = await mountRpcs(app, context, parts, serverMetrics);
  registerObservationRoutes(app, {
    registry,
    readiness,
    metricsPaths: ["/metrics", "/prometheus/metrics"],
    metricsToken: config.METRICS_TOKEN,
  });
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

/** Mounts the service's RPCs, health and reflection, for all protocols. */
async function mountRpcs(
  app: FastifyInstance,
  context: ProcessContext<BaseConfig>,
  parts: ServerParts,
  serverMetrics: ServerMetrics,
): Promise<{ drain(): void }> {
  const { admission, config, logger, readiness } = context;
  const admin = mountAdmin(context, parts.admin);
  const health = createHealthBoard();
  const streams = createDrainingStreams();
  await app.register(async (scope) => {
    // Else Fastify answers 415 by itself to content types that it does not
    // know, and nobody counts it.
    scope.addContentTypeParser("*", (_req, _payload, done) => done(null));
    scope.register(fastifyConnectPlugin, {
      interceptors: [
        serverMetrics.interceptor,
        requestIdServerInterceptor,
        createLogInterceptor(logger),
        streams.interceptor,
        admin.interceptor,
        createValidateInterceptor(),
      ],
      requestGate(call) {
        parts.authorize?.(call);
        admission.requestGate(call);
      },
      contextValues: ({ ip }) => createContextValues().set(remoteAddress, ip),
      maxTimeoutMs: config.MAX_DEADLINE_MS,
      readMaxBytes: config.MAX_MESSAGE_BYTES,
      writeMaxBytes: config.MAX_MESSAGE_BYTES,
      routes(router: ConnectRouter) {
        parts.routes(router);
        admin.routes(router);
        createHealthRoutes(health)(router);
        createReflectionRoutes()(router);
        showReadiness(health, readiness, router);
        encodeGrpcMessages(router);
        serverMetrics.observeHandlers(router);
      },
    });
  });
  return {
    drain() {
      health.shutdown();
      streams.drain();
    },
  };
}

/** Keeps the health of the server and of each of its services. */
function showReadiness(
  health: HealthBoard,
  readiness: Readiness,
  router: ConnectRouter,
): void {
  const services = new Set(router.handlers.map((h) => h.service.typeName));
  const show = () => {
    const { status } = readiness.status();
    const serving = status === "ready" || status === "degraded";
    health.set("", serving ? "SERVING" : "NOT_SERVING");
    for (const service of services) {
      const serves = readiness.serves(service);
      health.set(service, serves ? "SERVING" : "NOT_SERVING");
    }
  };
  readiness.onChange(show);
  show();
}
