import type { Transport } from "@connectrpc/connect";
import { validateReadWriteMaxBytes } from "@connectrpc/connect/protocol";
import {
  type ConnectTransportOptions,
  compressionBrotli,
  compressionGzip,
  createConnectTransport as createStockConnectTransport,
  createGrpcTransport as createStockGrpcTransport,
  type GrpcTransportOptions,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { ClientConnections } from "../http2/client-connections.js";
import { createConnectLane } from "./connect-lane.js";
import { createGrpcLane } from "./grpc-lane.js";
import type { Lane } from "./lane.js";
import type { LaneSettings } from "./lane-settings.js";
import {
  countCalls,
  createLaneTransport,
  type LaneTransport,
} from "./lane-transport.js";

/**
 * Creates a Transport for gRPC with the options of connect-node's function of
 * the same name. Unary calls go over a connection of its own, at a fraction of
 * the cost. Streams go to connect-node's own transport, over another
 * connection, which is made when the first does. With `sendCompression` or
 * `sessionManager`, all calls go to connect-node's own transport.
 *
 * Throws what connect-node's function throws for options it does not take.
 */
export function createGrpcTransport(
  options: GrpcTransportOptions,
): LaneTransport {
  return createTransport(options, createStockGrpcTransport, createGrpcLane);
}

/**
 * Creates a Transport for Connect with the options of connect-node's function
 * of the same name. With `httpVersion: "2"`, unary calls go over a connection
 * of its own, at a fraction of the cost. Streams go to connect-node's own
 * transport, over another connection, which is made when the first does. All
 * calls go there over HTTP/1.1, and with `sendCompression` or
 * `sessionManager`.
 *
 * Throws what connect-node's function throws for options it does not take.
 */
export function createConnectTransport(
  options: ConnectTransportOptions,
): LaneTransport {
  if (options.httpVersion !== "2") {
    return countCalls({
      transport: createStockConnectTransport(options),
      // Its connections are those of an agent, which closes them.
      close() {},
    });
  }
  return createTransport(
    options,
    createStockConnectTransport,
    createConnectLane,
  );
}

type Http2Options =
  | GrpcTransportOptions
  | (ConnectTransportOptions & { httpVersion: "2" });

function createTransport<T extends Http2Options>(
  options: T,
  createStock: (options: T) => Transport,
  createLane: (settings: LaneSettings) => Lane,
): LaneTransport {
  if (options.sessionManager !== undefined) {
    return countCalls({ transport: createStock(options), close() {} });
  }
  const { baseUrl, nodeOptions, sendCompression, ...pings } = options;
  const sessionManager = new Http2SessionManager(baseUrl, pings, nodeOptions);
  const stock = {
    transport: createStock({ ...options, sessionManager }),
    close: () => sessionManager.abort(),
  };
  if (sendCompression) {
    return countCalls(stock);
  }
  const connections = new ClientConnections(baseUrl, pings, nodeOptions);
  const settings = resolveSettings(options, connections);
  return createLaneTransport(options, settings, stock, createLane(settings));
}

/** The options that matter to what is sent, with their defaults. */
export function resolveSettings(
  options: Http2Options,
  connections: ClientConnections,
): LaneSettings {
  const { readMaxBytes, writeMaxBytes } = validateReadWriteMaxBytes(
    options.readMaxBytes,
    options.writeMaxBytes,
    undefined,
  );
  return {
    connections,
    baseUrl: options.baseUrl,
    useBinaryFormat: options.useBinaryFormat ?? true,
    useHttpGet: "useHttpGet" in options && options.useHttpGet === true,
    acceptCompression: options.acceptCompression ?? [
      compressionGzip,
      compressionBrotli,
    ],
    readMaxBytes,
    writeMaxBytes,
    jsonOptions: options.jsonOptions,
    binaryOptions: options.binaryOptions,
  };
}
