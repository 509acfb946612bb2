import type { CodeName } from "./code-name.js";
import type { TortureResult } from "./result.js";
import type { ProtocolName, RpcType, TargetName } from "./routes.js";

/** What one process has to have counted because of a load. */
export interface ExpectedCount {
  /** Whose metrics: the server process of this service. */
  readonly target: TargetName;
  /** `server`: `grpc_server_*`. `client`: `grpc_client_*`, on edge alone. */
  readonly side: "server" | "client";
  readonly grpc_protocol: Exclude<ProtocolName, "rest">;
  readonly grpc_type: RpcType;
  readonly grpc_service: string;
  readonly grpc_method: string;
  readonly grpc_code: CodeName;
  /** Started, and handled with this code. */
  readonly handled: number;
  readonly msgReceived: number;
  readonly msgSent: number;
}

/**
 * Reckons what the counters of the services have to have grown by, if nothing
 * else has called them: the calls themselves and, for each that went through
 * edge's proxy, its two calls to the services behind.
 *
 * A watcher that leaves may be late: the server can have sent one tick more by
 * then. With `ticks: 1` and `tickIntervalMs: 60_000` there is none to send.
 *
 * Throws an Error if calls ended unexpectedly or are unfinished: nobody can
 * tell then how far they came.
 */
export function expectedCounts(result: TortureResult): ExpectedCount[] {
  const { unexpected, unfinished } = result;
  if (unexpected + unfinished > 0) {
    throw new Error(
      `the servers' counts are not known: ${unexpected} calls ended unexpectedly, ${unfinished} are unfinished`,
    );
  }
  const counts = new Map<string, Mutable<ExpectedCount>>();
  const add = ({ handled, msgReceived, msgSent, ...labels }: ExpectedCount) => {
    const key = Object.values(labels).join(" ");
    const count = counts.get(key) ?? {
      ...labels,
      handled: 0,
      msgReceived: 0,
      msgSent: 0,
    };
    count.handled += handled;
    count.msgReceived += msgReceived;
    count.msgSent += msgSent;
    counts.set(key, count);
  };
  for (const series of result.series) {
    const { target, protocol, grpc_service, grpc_method, grpc_type } = series;
    if (protocol !== "rest") {
      add({
        target,
        side: "server",
        grpc_protocol: protocol,
        grpc_type,
        grpc_service,
        grpc_method,
        grpc_code: series.code,
        handled: series.count,
        msgReceived: series.sent,
        msgSent: series.received,
      });
    }
    if (protocol === "rest" || grpc_method === "Proxy") {
      const { code, count } = series;
      addProxied("revert-name", revertName, code, count, add);
      // When the other call fails, this one is left to finish.
      addProxied("time", whatTimeIs, "OK", count, add);
    }
  }
  return [...counts.values()];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const revertName = {
  grpc_service: "revertname.v1.RevertNameService",
  grpc_method: "RevertName",
};
const whatTimeIs = {
  grpc_service: "time.v1.TimeService",
  grpc_method: "WhatTimeIs",
};

/** Adds calls of edge to a service: to its server side and to edge's client side. */
function addProxied(
  target: TargetName,
  method: typeof revertName,
  code: CodeName,
  count: number,
  add: (count: ExpectedCount) => void,
): void {
  const answers = code === "OK" ? count : 0;
  const labels = {
    grpc_protocol: "grpc",
    grpc_type: "unary",
    ...method,
    grpc_code: code,
    handled: count,
  } as const;
  add({
    target,
    side: "server",
    ...labels,
    msgReceived: count,
    msgSent: answers,
  });
  add({
    target: "edge",
    side: "client",
    ...labels,
    msgReceived: answers,
    msgSent: count,
  });
}
