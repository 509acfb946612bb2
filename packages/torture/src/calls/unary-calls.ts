import { EdgeService } from "@both-ends/gen/edge/v1/edge_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { createClient, type Transport } from "@connectrpc/connect";
import type { Call, RpcCallOptions } from "./call.js";
import { checkReversed } from "./check-reversed.js";

/** Creates the call of `edge.v1.EdgeService/Proxy`. */
export function createProxyCall(
  transport: Transport,
  { timeoutMs }: RpcCallOptions,
): Call {
  const client = createClient(EdgeService, transport);
  return async ({ names: [name = ""] }, exchange) => {
    exchange.sent++;
    const answer = await client.proxy({ name }, { timeoutMs });
    exchange.received++;
    return checkReversed(name, answer.reversedName);
  };
}

/** Creates the call of `revertname.v1.RevertNameService/RevertName`. */
export function createRevertNameCall(
  transport: Transport,
  { timeoutMs }: RpcCallOptions,
): Call {
  const client = createClient(RevertNameService, transport);
  return async ({ names: [name = ""] }, exchange) => {
    exchange.sent++;
    const answer = await client.revertName({ name }, { timeoutMs });
    exchange.received++;
    return checkReversed(name, answer.reversedName);
  };
}

/** Creates the call of `time.v1.TimeService/WhatTimeIs`. */
export function createWhatTimeIsCall(
  transport: Transport,
  { timeoutMs }: RpcCallOptions,
): Call {
  const client = createClient(TimeService, transport);
  return async (_planned, exchange) => {
    exchange.sent++;
    const answer = await client.whatTimeIs({}, { timeoutMs });
    exchange.received++;
    return answer.rfc3339 === "" ? "answered no time" : undefined;
  };
}
