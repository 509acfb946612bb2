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
import { createConnectLane } from "./connect-lane.js";
import type { SessionManager } from "./exchange.js";
import { createGrpcLane } from "./grpc-lane.js";
import type { LaneSettings } from "./lane-settings.js";
import {
  countCalls,
  createLaneTransport,
  type LaneTransport,
} from "./lane-transport.js";

/**
 * Creates a Transport for gRPC with the options of connect-node's function of
 * the same name. Unary calls go straight to Node's `http2`, at a fraction of
 * the cost. Streams, and all calls where `sendCompression` is set, go to
 * connect-node's own transport, over the same connection.
 *
 * Throws what connect-node's function throws for options it does not take.
 */
export function createGrpcTransport(
  options: GrpcTransportOptions,
): LaneTransport {
  const sessionManager = options.sessionManager ?? createSession(options);
  const stock = createStockGrpcTransport({ ...options, sessionManager });
  const settings = resolveSettings({ ...options, sessionManager });
  return createLaneTransport(
    options,
    settings,
    stock,
    createGrpcLane(settings),
  );
}

/**
 * Creates a Transport for Connect with the options of connect-node's function
 * of the same name. With `httpVersion: "2"`, unary calls go straight to Node's
 * `http2`, at a fraction of the cost. Streams, all calls where
 * `sendCompression` is set, and all over HTTP/1.1, go to connect-node's own
 * transport, those over HTTP/2 over the same connection.
 *
 * Throws what connect-node's function throws for options it does not take.
 */
export function createConnectTransport(
  options: ConnectTransportOptions,
): LaneTransport {
  if (options.httpVersion !== "2") {
    return countCalls(createStockConnectTransport(options));
  }
  const sessionManager = options.sessionManager ?? createSession(options);
  const stock = createStockConnectTransport({ ...options, sessionManager });
  const settings = resolveSettings({ ...options, sessionManager });
  return createLaneTransport(
    options,
    settings,
    stock,
    createConnectLane(settings),
  );
}

type Http2Options =
  | GrpcTransportOptions
  | (ConnectTransportOptions & { httpVersion: "2" });

function createSession(options: Http2Options): Http2SessionManager {
  const { baseUrl, nodeOptions, ...pings } = options;
  return new Http2SessionManager(baseUrl, pings, nodeOptions);
}

function resolveSettings(
  options: Http2Options & { sessionManager: SessionManager },
): LaneSettings {
  const { readMaxBytes, writeMaxBytes } = validateReadWriteMaxBytes(
    options.readMaxBytes,
    options.writeMaxBytes,
    undefined,
  );
  return {
    sessionManager: options.sessionManager,
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
