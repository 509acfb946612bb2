import type { Interceptor, Transport } from "@connectrpc/connect";
import {
  createGrpcTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { requestIdClientInterceptor } from "./request-id.js";

/** What {@link createServiceTransport} needs. */
export interface ServiceTransportOptions {
  /** The address of the other service: `http://127.0.0.1:8010`. */
  baseUrl: string;
  /** Interceptors around every call, the outermost first. */
  interceptors?: Interceptor[];
  /** The largest message that is read or written, in bytes. */
  maxMessageBytes: number;
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
  const { baseUrl, interceptors = [], maxMessageBytes } = options;
  const sessionManager = new Http2SessionManager(baseUrl, {
    pingIntervalMs: 30_000,
    pingTimeoutMs: 5_000,
    pingIdleConnection: true,
  });
  const transport = createGrpcTransport({
    baseUrl,
    sessionManager,
    interceptors: [...interceptors, requestIdClientInterceptor],
    readMaxBytes: maxMessageBytes,
    writeMaxBytes: maxMessageBytes,
  });
  return { transport, close: () => sessionManager.abort() };
}
