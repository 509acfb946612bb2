import { EdgeService } from "@both-ends/gen/edge/v1/edge_service_pb.js";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import type { DescMethod } from "@bufbuild/protobuf";

/** The services that are called. */
export const targetNames = ["edge", "revert-name", "time"] as const;
export type TargetName = (typeof targetNames)[number];

/** The ways in, spelled as the label `grpc_protocol`. REST has `Proxy` alone. */
export const protocolNames = ["rest", "grpc", "grpc_web", "connect"] as const;
export type ProtocolName = (typeof protocolNames)[number];

/** The methods that are called. */
export const methodNames = [
  "Proxy",
  "RevertName",
  "RevertNames",
  "WhatTimeIs",
  "WatchTime",
  "BeatHearts",
] as const;
export type MethodName = (typeof methodNames)[number];

/** The values of `grpc_type`. */
export type RpcType =
  | "unary"
  | "server_stream"
  | "client_stream"
  | "bidi_stream";

/** What a call is counted by: the labels of the metrics, and where it went. */
export interface RouteLabels {
  readonly target: TargetName;
  readonly protocol: ProtocolName;
  /** Empty for REST, which is no RPC. */
  readonly grpc_service: string;
  /** `GET /proxy/<name>/` for REST. */
  readonly grpc_method: string;
  readonly grpc_type: RpcType;
}

/** One method by one way in. */
export interface Route {
  readonly method: MethodName;
  readonly labels: RouteLabels;
  /** How many of the calls are its own, as against other routes' weights. */
  readonly weight: number;
  /** Whether it carries names, which can ask for a fault. */
  readonly takesNames: boolean;
}

/** Where each method is, and how often it is called as against the others. */
const methods: Record<
  MethodName,
  { desc: DescMethod; target: TargetName; weight: number }
> = {
  Proxy: { desc: EdgeService.method.proxy, target: "edge", weight: 40 },
  RevertName: {
    desc: RevertNameService.method.revertName,
    target: "revert-name",
    weight: 30,
  },
  RevertNames: {
    desc: RevertNameService.method.revertNames,
    target: "revert-name",
    weight: 10,
  },
  WhatTimeIs: {
    desc: TimeService.method.whatTimeIs,
    target: "time",
    weight: 15,
  },
  // It waits for its ticks: more of it would be a test of patience.
  WatchTime: { desc: TimeService.method.watchTime, target: "time", weight: 1 },
  BeatHearts: {
    desc: HeartbeatService.method.beatHearts,
    target: "edge",
    weight: 4,
  },
};

const types = {
  unary: "unary",
  server_streaming: "server_stream",
  client_streaming: "client_stream",
  bidi_streaming: "bidi_stream",
} as const satisfies Record<DescMethod["methodKind"], RpcType>;

/**
 * Lists the routes of these methods by these ways in. A method's weight is
 * shared by its routes.
 */
export function listRoutes(
  chosen: readonly MethodName[],
  protocols: readonly ProtocolName[],
): Route[] {
  return chosen.flatMap((method) => {
    const { desc, target, weight } = methods[method];
    const usable = protocols.filter(
      (protocol) => protocol !== "rest" || method === "Proxy",
    );
    return usable.map((protocol) => ({
      method,
      labels: {
        target,
        protocol,
        ...(protocol === "rest"
          ? { grpc_service: "", grpc_method: "GET /proxy/<name>/" }
          : { grpc_service: desc.parent.typeName, grpc_method: desc.name }),
        grpc_type: types[desc.methodKind],
      },
      weight: weight / usable.length,
      takesNames: ["Proxy", "RevertName", "RevertNames"].includes(method),
    }));
  });
}
