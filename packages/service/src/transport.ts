import type { SecureContextOptions } from "node:tls";
import type { Interceptor, Transport } from "@connectrpc/connect";
import {
  createGrpcTransport as createStockTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { createGrpcTransport } from "connectrpc-fastlane";
import { blameResponse } from "./blame-response.js";
import { keepDeadline } from "./keep-deadline.js";
import { refusedStream } from "./refused-stream.js";
import { requestIdClientInterceptor } from "./request-id.js";

/** What {@link createServiceTransport} needs. */
export interface ServiceTransportOptions {
  /** The address of the other service: `http://127.0.0.1:8010`. */
  baseUrl: string;
  /** Interceptors around every call, the outermost first. */
  interceptors?: Interceptor[];
  /** The largest message that is read or written, in bytes. */
  maxMessageBytes: number;
  /** Whom to trust and what to show, for an `https` address. */
  tls?: SecureContextOptions;
  /** Whether unary calls take the fast lane. By default, they do. */
  fastlane?: boolean;
}

/** A transport and the connection under it. */
export interface ServiceTransport {
  transport: Transport;
  /** Closes the connection. */
  close(): void;
}

/**
 * Creates a transport to another of our services: gRPC over one HTTP/2
 * connection that is kept alive, by a ping every 30 s also without calls. Our
 * own servers allow that; others may answer `too_many_pings`.
 */
export function createServiceTransport(
  options: ServiceTransportOptions,
): ServiceTransport {
  const {
    baseUrl,
    fastlane = true,
    interceptors = [],
    maxMessageBytes,
    tls,
  } = options;
  const common = {
    baseUrl,
    interceptors: [
      ...interceptors,
      requestIdClientInterceptor,
      // Unary calls on the lane get these codes right by themselves.
      ...[refusedStream, blameResponse, keepDeadline].map(
        fastlane ? forStreams : (interceptor) => interceptor,
      ),
    ],
    readMaxBytes: maxMessageBytes,
    writeMaxBytes: maxMessageBytes,
  };
  const nodeOptions = {
    ...tls,
    // In MB, so this is no limit. With Node's 10 MB one large answer that is
    // not read yet makes every other call of the session fail; a call's own
    // messages are bounded by `maxMessageBytes`.
    maxSessionMemory: 1_000_000,
  };
  if (fastlane) {
    const transport = createGrpcTransport({ ...common, ...pings, nodeOptions });
    return { transport, close: () => transport.close() };
  }
  const sessionManager = new Http2SessionManager(baseUrl, pings, nodeOptions);
  return {
    transport: createStockTransport({ ...common, sessionManager }),
    close: () => sessionManager.abort(),
  };
}

const pings = {
  pingIntervalMs: 30_000,
  pingTimeoutMs: 5_000,
  pingIdleConnection: true,
};

/** The interceptor, for streams alone. */
function forStreams(interceptor: Interceptor): Interceptor {
  return (next) => (req) => (req.stream ? interceptor(next)(req) : next(req));
}
