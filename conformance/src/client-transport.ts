import type { SecureClientSessionOptions } from "node:http2";
import type { Interceptor, Transport } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import {
  compressionBrotli,
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import {
  createConnectTransport as createFastConnectTransport,
  createGrpcTransport as createFastGrpcTransport,
  type LaneTransport,
} from "connectrpc-fastlane";
import type { ClientCompatRequest } from "./gen/connectrpc/conformance/v1/client_compat_pb.js";
import {
  Codec,
  Compression as CompressionName,
  HTTPVersion,
  Protocol,
} from "./gen/connectrpc/conformance/v1/config_pb.js";
import { messageRegistry } from "./message-registry.js";

/** Makes the transports of a client under test. */
export interface TransportFactory {
  /**
   * The transport for a call. Throws for an HTTP version, a protocol or a
   * compression that connect-node does not have.
   */
  create(request: ClientCompatRequest): Transport;
  /** Closes the connections of all of them. */
  close(): void;
}

/** How transports are made. */
export interface TransportFactoryOptions {
  /**
   * `stock`: a transport of connect-node with its own connection for each
   * call, and defaults for the rest. `service`: one kept-alive HTTP/2 session
   * for all calls to an address, with limits. `fastlane`: the transports of the
   * lane with the same limits, as between our services.
   */
  kind: "stock" | "service" | "fastlane";
  /** By default, there are none. */
  interceptors?: Interceptor[];
}

/** Creates the means to make a transport for each call the runner asks for. */
export function createTransportFactory(
  options: TransportFactoryOptions,
): TransportFactory {
  const sessions = new Map<string, Http2SessionManager>();
  const { kind, interceptors } = options;
  const lanes = new Map<string, LaneTransport>();
  /** One transport, and so one connection, for all calls of a kind. */
  const laneOf = (key: string, make: () => LaneTransport) => {
    const lane = lanes.get(key) ?? make();
    lanes.set(key, lane);
    return lane;
  };
  const sessionOf = (baseUrl: string, tls: SecureClientSessionOptions) => {
    const key =
      kind !== "stock"
        ? [baseUrl, tls.ca, tls.cert].join("\n")
        : String(sessions.size);
    let session = sessions.get(key);
    if (session === undefined) {
      const pings = kind !== "stock" ? servicePings : {};
      session = new Http2SessionManager(baseUrl, pings, tls);
      sessions.set(key, session);
    }
    return session;
  };
  return {
    create(request) {
      const { baseUrl, tls } = addressOf(request);
      const compression = compressionOf(request);
      const shared = {
        ...httpOptions(request, baseUrl, tls, sessionOf),
        useBinaryFormat: request.codec === Codec.PROTO,
        jsonOptions: { registry: messageRegistry },
        interceptors,
        sendCompression: compression,
        acceptCompression: compression === undefined ? [] : [compression],
        // The suite wants all messages compressed, empty ones too.
        compressMinBytes: -1,
        ...(kind !== "stock"
          ? { readMaxBytes: 2 ** 20, writeMaxBytes: 2 ** 20 }
          : {}),
      };
      const useHttpGet = request.useGetHttpMethod;
      const takesLane =
        kind === "fastlane" &&
        request.httpVersion === HTTPVersion.HTTP_VERSION_2;
      const lane = (make: (options: LaneOptions) => LaneTransport) =>
        laneOf(
          [
            ...[request.protocol, request.codec, request.compression],
            ...[useHttpGet, baseUrl, tls.ca, tls.cert],
          ].join("\n"),
          () =>
            make({
              ...shared,
              ...servicePings,
              httpVersion: "2",
              sessionManager: undefined,
              nodeOptions: tls,
            }),
        );
      switch (request.protocol) {
        case Protocol.CONNECT:
          return takesLane
            ? lane((to) => createFastConnectTransport({ ...to, useHttpGet }))
            : createConnectTransport({ ...shared, useHttpGet });
        case Protocol.GRPC:
          return takesLane
            ? lane(createFastGrpcTransport)
            : createGrpcTransport(shared);
        case Protocol.GRPC_WEB:
          return createGrpcWebTransport(shared);
        default:
          throw new Error(`no transport for protocol ${request.protocol}`);
      }
    },
    close() {
      for (const session of sessions.values()) {
        session.abort();
      }
      for (const lane of lanes.values()) {
        lane.close();
      }
    },
  };
}

/** As between our services. */
const servicePings = {
  pingIntervalMs: 30_000,
  pingTimeoutMs: 5_000,
  pingIdleConnection: true,
};

/** The options of both transports of the lane. */
type LaneOptions = Parameters<typeof createFastGrpcTransport>[0] & {
  httpVersion: "2";
};

function addressOf(request: ClientCompatRequest) {
  const { host, port, serverTlsCert, clientTlsCreds } = request;
  const secure = serverTlsCert.length > 0;
  const tls: SecureClientSessionOptions = secure
    ? {
        ca: Buffer.from(serverTlsCert),
        ...(clientTlsCreds && {
          key: Buffer.from(clientTlsCreds.key),
          cert: Buffer.from(clientTlsCreds.cert),
        }),
      }
    : {};
  return { baseUrl: `${secure ? "https" : "http"}://${host}:${port}`, tls };
}

function httpOptions(
  request: ClientCompatRequest,
  baseUrl: string,
  tls: SecureClientSessionOptions,
  sessionOf: (
    baseUrl: string,
    tls: SecureClientSessionOptions,
  ) => Http2SessionManager,
) {
  switch (request.httpVersion) {
    case HTTPVersion.HTTP_VERSION_1: {
      const { ca, key, cert } = tls;
      return {
        baseUrl,
        httpVersion: "1.1" as const,
        nodeOptions: { ca, key, cert },
      };
    }
    case HTTPVersion.HTTP_VERSION_2:
      return {
        baseUrl,
        httpVersion: "2" as const,
        sessionManager: sessionOf(baseUrl, tls),
      };
    default:
      throw new Error(`no transport for HTTP version ${request.httpVersion}`);
  }
}

function compressionOf(request: ClientCompatRequest): Compression | undefined {
  switch (request.compression) {
    case CompressionName.UNSPECIFIED:
    case CompressionName.IDENTITY:
      return undefined;
    case CompressionName.GZIP:
      return compressionGzip;
    case CompressionName.BR:
      return compressionBrotli;
    default:
      throw new Error(`no compression ${request.compression}`);
  }
}
