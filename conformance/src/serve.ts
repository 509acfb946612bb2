import * as http from "node:http";
import * as http2 from "node:http2";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import type { TlsOptions } from "node:tls";
import type { ConnectRouter, Interceptor } from "@connectrpc/connect";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import {
  createFastlane,
  type Fastlane,
  type FastlaneOptions,
  type LaneObservation,
} from "connectrpc-fastlane";
import { fastify } from "fastify";
import { createOnePort } from "fastify-one-port";
import { conformanceRoutes } from "./conformance-routes.js";
import { HTTPVersion } from "./gen/connectrpc/conformance/v1/config_pb.js";
import type { ServerCompatRequest } from "./gen/connectrpc/conformance/v1/server_compat_pb.js";
import { messageRegistry } from "./message-registry.js";

/** A server under test. */
export interface RunningServer {
  address: AddressInfo;
  /** Ends it, with what is in progress. */
  close(): Promise<void>;
}

/** How a server is put together. */
export interface ServeOptions {
  /** By default, there are none. */
  interceptors?: Interceptor[];
  /** Is shown the routes when all of them are there. */
  observe?: (router: ConnectRouter) => void;
  /** Is told of the calls on the fast lane. */
  observation?: LaneObservation;
  /** Is told of a request that no route matched, before it is answered 404. */
  onUnknown?: () => void;
}

const host = "127.0.0.1";

/**
 * Serves as our services do: HTTP/1.1 and HTTP/2, all protocols, on one port
 * of Fastify, with the fast lane before it. Which version and protocol the
 * runner will use makes no difference.
 */
export async function serveFastlane(
  request: ServerCompatRequest,
  options: ServeOptions,
): Promise<RunningServer> {
  const lane = createFastlane({
    ...routerOptions(request, options),
    ...(options.observation && { observe: options.observation }),
  });
  return await serveFastify(request, options, lane.options, lane);
}

/** Serves the same without the fast lane. */
export async function serveOnePort(
  request: ServerCompatRequest,
  options: ServeOptions,
): Promise<RunningServer> {
  return await serveFastify(request, options, routerOptions(request, options));
}

async function serveFastify(
  request: ServerCompatRequest,
  options: ServeOptions,
  rpcs: FastlaneOptions,
  intercept?: Fastlane,
): Promise<RunningServer> {
  const tls = tlsOptions(request);
  const onePort = createOnePort({
    tls,
    shutdownGraceMs: 1_000,
    ...(intercept && { intercept }),
  });
  const app = fastify({ serverFactory: onePort.serverFactory });
  app.register(async (scope) => {
    // Else Fastify answers content types that it does not know by itself.
    scope.addContentTypeParser("*", (_req, _payload, done) => done(null));
    scope.register(fastifyConnectPlugin, rpcs);
  });
  app.setNotFoundHandler((_request, reply) => {
    options.onUnknown?.();
    reply.code(404).send();
  });
  await app.listen({ host, port: 0 });
  return {
    // Only a Unix socket has a string for an address.
    address: app.server.address() as AddressInfo,
    close: () => app.close(),
  };
}

/**
 * Serves by connect-node's own adapter on Node's own server for the version
 * asked for: what a failure is compared with, to tell whose it is.
 */
export async function serveStockNode(
  request: ServerCompatRequest,
  options: ServeOptions,
): Promise<RunningServer> {
  const tls = tlsOptions(request);
  const handler = connectNodeAdapter({
    ...routerOptions(request, options),
    fallback(_request, response) {
      options.onUnknown?.();
      response.writeHead(404);
      response.end();
    },
  });
  const server =
    request.httpVersion === HTTPVersion.HTTP_VERSION_2
      ? tls
        ? http2.createSecureServer(tls, handler)
        : http2.createServer(handler)
      : tls
        ? https.createServer(tls, handler)
        : http.createServer(handler);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port: 0 }, resolve);
  });
  return {
    // As above.
    address: server.address() as AddressInfo,
    // Sessions of HTTP/2 would hold it; they end with the process.
    close: async () => void server.close(),
  };
}

function routerOptions(request: ServerCompatRequest, options: ServeOptions) {
  return {
    interceptors: options.interceptors ?? [],
    readMaxBytes: request.messageReceiveLimit,
    jsonOptions: { registry: messageRegistry },
    routes(router: ConnectRouter) {
      conformanceRoutes(router);
      options.observe?.(router);
    },
  };
}

function tlsOptions(request: ServerCompatRequest): TlsOptions | undefined {
  const { useTls, serverCreds, clientTlsCert } = request;
  if (!useTls) {
    return undefined;
  }
  if (serverCreds === undefined) {
    throw new Error("the runner asks for TLS without a certificate");
  }
  const identity = {
    key: Buffer.from(serverCreds.key),
    cert: Buffer.from(serverCreds.cert),
  };
  return clientTlsCert.length === 0
    ? identity
    : {
        ...identity,
        ca: Buffer.from(clientTlsCert),
        requestCert: true,
        rejectUnauthorized: true,
      };
}
