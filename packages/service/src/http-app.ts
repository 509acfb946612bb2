import type { AddressInfo } from "node:net";
import { cors as connectCors } from "@connectrpc/connect";
import fastifyCors from "@fastify/cors";
import {
  type FastifyInstance,
  type FastifyServerFactory,
  fastify,
} from "fastify";
import type { Logger } from "./logger.js";
import { createProblem, problemFromError, sendProblem } from "./problem.js";
import { requestIdHeader } from "./request-id.js";

/** What {@link createHttpApp} needs. */
export interface HttpAppOptions {
  logger: Logger;
  serverFactory?: FastifyServerFactory;
  /** Origins whose pages may call; none if empty. */
  corsOrigins: readonly string[];
  /** The largest request body outside of RPCs, in bytes. */
  maxBodyBytes: number;
  /** Called for a request that no route matched. */
  onUnknownRpc?: () => void;
}

/** Content types that only an RPC has: gRPC, gRPC-Web, Connect streams and Protobuf. */
const rpcContentType = /^application\/(grpc|connect\+|proto\b)/;

/**
 * Creates a Fastify app whose every error is a problem (RFC 9457) in JSON, and
 * never a stack. Without origins, pages of other origins are refused, as
 * browsers do by default.
 */
export async function createHttpApp(
  options: HttpAppOptions,
): Promise<FastifyInstance> {
  const { serverFactory, corsOrigins, maxBodyBytes, onUnknownRpc } = options;
  const app = fastify({
    ...(serverFactory === undefined ? {} : { serverFactory }),
    bodyLimit: maxBodyBytes,
    // Names are limited by their schema, with an error that says so, not by
    // the router with a 404. The header limit of HTTP bounds the path.
    routerOptions: { maxParamLength: 100_000 },
    frameworkErrors: (error, _req, reply) => {
      sendProblem(reply, createProblem(400, "invalid_argument", error.message));
    },
  });
  app.setErrorHandler((error, _req, reply) => {
    const status = statusOf(error);
    if (status !== undefined && status < 500) {
      const message = error instanceof Error ? error.message : "bad request";
      return sendProblem(
        reply,
        createProblem(status, "invalid_argument", message),
      );
    }
    options.logger.error({ err: error }, "request failed unexpectedly");
    return sendProblem(reply, problemFromError(undefined));
  });
  app.setNotFoundHandler((req, reply) => {
    if (
      req.method === "POST" &&
      rpcContentType.test(req.headers["content-type"] ?? "")
    ) {
      onUnknownRpc?.();
    }
    // Without the query: it may carry what the caller did not mean to show.
    const [path] = req.url.split("?");
    const detail = `no route for ${req.method} ${path}`;
    return sendProblem(reply, createProblem(404, "not_found", detail));
  });
  if (corsOrigins.length > 0) {
    await app.register(fastifyCors, {
      origin: [...corsOrigins],
      methods: [...connectCors.allowedMethods],
      allowedHeaders: [...connectCors.allowedHeaders, requestIdHeader],
      exposedHeaders: [...connectCors.exposedHeaders, requestIdHeader],
      maxAge: 7200,
    });
  }
  return app;
}

/** Listens on one TCP address, and returns it with the port that was taken. */
export async function listen(
  app: FastifyInstance,
  address: { host: string; port: number },
): Promise<AddressInfo> {
  await app.listen(address);
  // Only a Unix socket has a string for an address.
  return app.server.address() as AddressInfo;
}

/** The status that Fastify gave an error of its own, such as 413. */
function statusOf(error: unknown): number | undefined {
  return typeof error === "object" &&
    error !== null &&
    "statusCode" in error &&
    typeof error.statusCode === "number"
    ? error.statusCode
    : undefined;
}
