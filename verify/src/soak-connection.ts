import { Agent } from "node:http";
import type { Interceptor, Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import {
  createConnectTransport as createLaneConnectTransport,
  createGrpcTransport as createLaneGrpcTransport,
} from "connectrpc-fastlane";
import type { Road } from "./call-plan.js";

/** A client's connection, of its own and not shared with others. */
export interface Connection {
  readonly transport: Transport;
  /** Cuts the connection and every call on it. */
  cut(): void;
}

/** Where the servers of both HTTP versions listen. */
export interface Addresses {
  readonly http1: string;
  readonly http2: string;
}

/**
 * connect-node 2.2.0 keeps a session that was cut under an open call until this
 * time is up: its streams close after it, and start its idle timer again. By
 * default that is 15 minutes and 4 KB each, which is no growth without end, but
 * in a soak it looks like one.
 */
const idleConnectionTimeoutMs = 1_000;

/** How a client calls. */
export interface ConnectionOptions {
  readonly interceptors: Interceptor[];
  /** Whether unary calls take the fast lane. */
  readonly lane: boolean;
}

/** Opens a connection with the first call on it. */
export function createConnection(
  road: Road,
  addresses: Addresses,
  { interceptors, lane }: ConnectionOptions,
): Connection {
  if (road === "connect-h1") {
    const agent = new Agent({ keepAlive: true });
    const transport = createConnectTransport({
      baseUrl: addresses.http1,
      httpVersion: "1.1",
      nodeOptions: { agent },
      interceptors,
    });
    return { transport, cut: () => agent.destroy() };
  }
  const baseUrl = addresses.http2;
  const common = { baseUrl, interceptors, idleConnectionTimeoutMs };
  if (lane && road !== "grpc-web") {
    const transport =
      road === "grpc"
        ? createLaneGrpcTransport(common)
        : createLaneConnectTransport({ ...common, httpVersion: "2" });
    return { transport, cut: () => transport.close() };
  }
  const sessionManager = new Http2SessionManager(baseUrl, {
    idleConnectionTimeoutMs,
  });
  const own = { baseUrl, interceptors, sessionManager };
  const transport =
    road === "grpc"
      ? createGrpcTransport(own)
      : road === "grpc-web"
        ? createGrpcWebTransport({ ...own, httpVersion: "2" })
        : createConnectTransport({ ...own, httpVersion: "2" });
  return { transport, cut: () => sessionManager.abort() };
}
