import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import type { Call, RpcCallOptions } from "./calls/call.js";
import { createRestCall } from "./calls/rest-call.js";
import {
  createBeatHeartsCall,
  createRevertNamesCall,
  createWatchTimeCall,
} from "./calls/stream-calls.js";
import {
  createProxyCall,
  createRevertNameCall,
  createWhatTimeIsCall,
} from "./calls/unary-calls.js";
import {
  type MethodName,
  type ProtocolName,
  type Route,
  type TargetName,
  targetNames,
} from "./routes.js";

/** What {@link createConnections} needs. */
export interface ConnectionsOptions extends RpcCallOptions {
  targets: Readonly<Record<TargetName, string>>;
  routes: readonly Route[];
  /** HTTP/2 connections to each target. */
  connections: number;
}

/** The connections of a run, and how calls are made over them. */
export interface Connections {
  /** Makes a call of this route, over the next of its connections. */
  call(route: Route): Call;
  /** Breaks all connections, and so ends every call. */
  close(): void;
}

const createRpcCall: Record<
  MethodName,
  (transport: Transport, options: RpcCallOptions) => Call
> = {
  Proxy: createProxyCall,
  RevertName: createRevertNameCall,
  RevertNames: createRevertNamesCall,
  WhatTimeIs: createWhatTimeIsCall,
  WatchTime: createWatchTimeCall,
  BeatHearts: createBeatHeartsCall,
};

/**
 * Creates the connections. gRPC, and bidi streams of any protocol, share the
 * HTTP/2 connections of their target in turn. Everything else goes over
 * HTTP/1.1, as from a browser without TLS: one kept-alive connection for each
 * call in flight.
 */
export function createConnections(options: ConnectionsOptions): Connections {
  const { targets, routes, connections } = options;
  const agents = {
    http: new HttpAgent(keepAlive),
    https: new HttpsAgent(keepAlive),
  };
  const agentOf = (url: string) =>
    url.startsWith("https:") ? agents.https : agents.http;
  const sessions = new Map(
    targetNames.map((target) => [
      target,
      Array.from(
        { length: connections },
        () => new Http2SessionManager(targets[target]),
      ),
    ]),
  );

  const createCalls = ({ method, labels }: Route): Call[] => {
    const { protocol, target } = labels;
    const baseUrl = targets[target];
    if (protocol === "rest") {
      const { timeoutMs } = options;
      return [createRestCall(baseUrl, { agent: agentOf(baseUrl), timeoutMs })];
    }
    const create = createRpcCall[method];
    if (protocol === "grpc" || labels.grpc_type === "bidi_stream") {
      return (sessions.get(target) ?? []).map((sessionManager) =>
        create(
          createTransport[protocol]({
            baseUrl,
            httpVersion: "2",
            sessionManager,
          }),
          options,
        ),
      );
    }
    const nodeOptions = { agent: agentOf(baseUrl) };
    const transport = createTransport[protocol]({
      baseUrl,
      httpVersion: "1.1",
      nodeOptions,
    });
    return [create(transport, options)];
  };

  const calls = new Map(
    routes.map((route) => [route, createTurns(createCalls(route))]),
  );
  return {
    call(route) {
      const next = calls.get(route);
      if (next === undefined) {
        throw new Error(`${route.method} is no route of this run`);
      }
      return next();
    },
    close() {
      const reason = new ConnectError("the run is over", Code.Unavailable);
      for (const manager of [...sessions.values()].flat()) {
        manager.abort(reason);
      }
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** All connections are kept: a new one would be a part of a later call's time. */
const keepAlive = { keepAlive: true, maxFreeSockets: 10_000 };

const createTransport = {
  grpc: createGrpcTransport,
  grpc_web: createGrpcWebTransport,
  connect: createConnectTransport,
} satisfies Record<Exclude<ProtocolName, "rest">, unknown>;

/** Gives each of the values in turn. */
function createTurns<T>(values: readonly T[]): () => T {
  let turn = 0;
  return () => {
    const value = values[turn % values.length];
    turn++;
    if (value === undefined) {
      throw new Error("there is no connection");
    }
    return value;
  };
}
