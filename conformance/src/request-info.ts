import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "@connectrpc/connect";
import {
  type ConformancePayload_RequestInfo,
  ConformancePayload_RequestInfoSchema,
} from "./gen/connectrpc/conformance/v1/service_pb.js";
import { toHeaderMessages } from "./metadata.js";

/** What a handler saw of its request, which it has to echo. */
export function createRequestInfo(
  context: HandlerContext,
  requests: Any[],
): ConformancePayload_RequestInfo {
  const timeoutMs = context.timeoutMs();
  return create(ConformancePayload_RequestInfoSchema, {
    requestHeaders: toHeaderMessages(context.requestHeader),
    requests,
    timeoutMs: timeoutMs === undefined ? undefined : BigInt(timeoutMs),
    connectGetInfo:
      context.requestMethod === "GET"
        ? { queryParams: toHeaderMessages(new URL(context.url).searchParams) }
        : undefined,
  });
}
