import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import type {
  ConnectRouter,
  ConnectRouterOptions,
  ContextValues,
} from "@connectrpc/connect";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";
import type { LaneObservation } from "./observation.js";

/**
 * The options of connect-es's own adapters (`interceptors`, `requestGate`,
 * `readMaxBytes`, `writeMaxBytes`, `maxTimeoutMs`, `compressMinBytes`,
 * `acceptCompression`, `jsonOptions`, `binaryOptions`, `shutdownSignal`,
 * `requireConnectProtocolHeader`, `grpc`, `grpcWeb`, `connect`), with their
 * defaults, and some more.
 */
export interface FastlaneOptions extends ConnectRouterOptions {
  /** Adds the RPCs, as for connect-es's own adapters. Called once. */
  routes: (router: ConnectRouter) => void;
  /**
   * A prefix of all paths, `"/api"` for example. By default, none. Behind
   * Fastify, the same as the prefix of the scope that has the plugin.
   */
  requestPathPrefix?: string;
  /**
   * Gives the context values of a call. By default, each call begins with
   * empty ones.
   */
  contextValues?: (request: FastlaneRequest) => ContextValues;
  /** What is told of every call on the lane. By default, nothing. */
  observe?: LaneObservation;
}

/**
 * What is known of a request on every way in: a part of Node's request for
 * HTTP/1.1 and HTTP/2, and of Fastify's.
 */
export interface FastlaneRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly socket: Socket;
}

/** The compressions of connect-es's adapters for Node. */
export const defaultCompression = [compressionGzip, compressionBrotli];
