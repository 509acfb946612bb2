import { remoteAddress } from "@both-ends/admin";
import {
  type ConnectRouter,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import { createValidateInterceptor } from "@connectrpc/validate";
import {
  createFastlane,
  type Fastlane,
  type FastlaneOptions,
  type FastlaneRequest,
} from "connectrpc-fastlane";
import {
  createHealthBoard,
  createHealthRoutes,
  type HealthBoard,
} from "connectrpc-health";
import type { ServerMetrics } from "connectrpc-prometheus";
import { createReflectionRoutes } from "connectrpc-reflection";
import type { BaseConfig } from "./config.js";
import { createDrainingStreams } from "./draining-streams.js";
import { encodeGrpcMessages } from "./grpc-message.js";
import { createLogInterceptor } from "./log-interceptor.js";
import { mountAdmin } from "./mount-admin.js";
import type { ProcessContext } from "./process-context.js";
import type { Readiness } from "./readiness.js";
import { requestIdServerInterceptor } from "./request-id.js";
import type { ServerParts } from "./service-definition.js";

/** The RPCs of a server, for Fastify and for the lane before it. */
export interface Rpcs {
  options: FastlaneOptions;
  /** Absent if the fast lane is off. */
  lane?: Fastlane;
  /** The paths whose requests may take as long as their callers like. */
  clientStreams: ReadonlySet<string>;
  /** Tells all who watch that the server is about to end. */
  drain(): void;
}

/** Puts together the service's RPCs, admin, health and reflection. */
export function createRpcs(
  context: ProcessContext<BaseConfig>,
  parts: ServerParts,
  serverMetrics: ServerMetrics,
): Rpcs {
  const { admission, config, logger, readiness } = context;
  const admin = mountAdmin(context, parts.admin);
  const health = createHealthBoard();
  const streams = createDrainingStreams();
  const clientStreams = new Set<string>();
  const options = {
    interceptors: [
      serverMetrics.interceptor,
      requestIdServerInterceptor,
      createLogInterceptor(logger),
      streams.interceptor,
      admin.interceptor,
      createValidateInterceptor(),
    ],
    requestGate(call: HandlerContext) {
      parts.authorize?.(call);
      admission.requestGate(call);
    },
    contextValues: ({ socket }: FastlaneRequest) =>
      createContextValues().set(remoteAddress, socket.remoteAddress ?? ""),
    maxTimeoutMs: config.MAX_DEADLINE_MS,
    readMaxBytes: config.MAX_MESSAGE_BYTES,
    writeMaxBytes: config.MAX_MESSAGE_BYTES,
    routes(router: ConnectRouter) {
      parts.routes(router);
      admin.routes(router);
      createHealthRoutes(health)(router);
      createReflectionRoutes()(router);
      showReadiness(health, readiness, router);
      for (const { method, requestPath } of router.handlers) {
        if (/^(client|bidi)_streaming$/.test(method.methodKind)) {
          clientStreams.add(requestPath);
        }
      }
      encodeGrpcMessages(router);
      serverMetrics.observeHandlers(router);
    },
  };
  const drain = () => {
    health.shutdown();
    streams.drain();
  };
  if (!config.FASTLANE) {
    return { options, clientStreams, drain };
  }
  const lane = createFastlane({
    ...options,
    observe: serverMetrics.observation,
  });
  return { options: lane.options, lane, clientStreams, drain };
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
