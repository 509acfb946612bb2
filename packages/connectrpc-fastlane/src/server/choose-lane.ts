import type { Codec } from "./codec.js";
import type { CallInit } from "./lane-call.js";
import type { HandOverReason } from "./lane-counts.js";
import type { LaneMethod } from "./lane-method.js";
import { requestUrl } from "./request-url.js";
import { oddTimeout, readConnectTimeout, readGrpcTimeout } from "./timeout.js";

/** Headers of a request, as Node has them for HTTP/1.1 and HTTP/2. */
export type RequestHeaders = Readonly<
  Record<string, string | string[] | undefined>
>;

/** What is known of a request before its body. */
export interface RequestHead {
  readonly lane: LaneMethod;
  readonly httpMethod: string | undefined;
  /** Path and query. */
  readonly url: string;
  readonly headers: RequestHeaders;
  readonly authority: string | string[] | undefined;
  readonly secure: boolean;
  readonly http2: boolean;
}

/** A call for the lane, or why it is for others. */
export type Choice = CallInit | HandOverReason;

/** Decides from the headers alone whether a call takes the lane. */
export function chooseLane(head: RequestHead): Choice {
  const { headers, httpMethod, lane } = head;
  if (lane.wrapped) {
    return "wrapped";
  }
  if (lane.codecs.size === 0) {
    return "call-type";
  }
  if (headers.origin !== undefined) {
    return "origin";
  }
  if (httpMethod === "POST") {
    return head.url.includes("?") ? "headers" : choosePost(head);
  }
  return httpMethod === "GET" && lane.allowsGet
    ? chooseGet(head)
    : "http-method";
}

function choosePost(head: RequestHead): Choice {
  const { headers, lane } = head;
  const contentType = headers["content-type"];
  const codec =
    typeof contentType === "string" ? lane.codecs.get(contentType) : undefined;
  if (codec === undefined) {
    return "content-type";
  }
  if (codec.protocol === "connect") {
    return chooseConnect(head, codec);
  }
  if (!head.http2) {
    return "content-type";
  }
  if (isCompressed(headers["grpc-encoding"])) {
    return "compression";
  }
  const timeout = one(headers["grpc-timeout"]);
  const timeoutMs = readGrpcTimeout(timeout, lane.options.maxTimeoutMs);
  return start(head, codec, timeoutMs, headers["grpc-accept-encoding"]);
}

function chooseConnect(head: RequestHead, codec: Codec): Choice {
  const { headers, lane } = head;
  const unary = lane.spec.kind === "unary";
  const encoding = unary ? "content-encoding" : "connect-content-encoding";
  if (isCompressed(headers[encoding])) {
    return "compression";
  }
  const version = headers["connect-protocol-version"];
  if (lane.options.requireConnectProtocolHeader && version !== "1") {
    return "headers";
  }
  const length = headers["content-length"];
  if (length !== undefined && !/^\d{1,15}$/.test(String(length))) {
    return "headers";
  }
  return start(
    head,
    codec,
    connectTimeout(head),
    headers[unary ? "accept-encoding" : "connect-accept-encoding"],
  );
}

function chooseGet(head: RequestHead): Choice {
  const { headers, lane, url } = head;
  if (headers["content-type"] !== undefined) {
    return "content-type";
  }
  if (url.includes("#")) {
    return "headers";
  }
  const mark = url.indexOf("?");
  const params = new URLSearchParams(mark < 0 ? "" : url.slice(mark));
  const codec = lane.codecs.get(`application/${params.get("encoding")}`);
  if (codec?.protocol !== "connect") {
    return "content-type";
  }
  if (isCompressed(params.get("compression") ?? undefined)) {
    return "compression";
  }
  if (
    (lane.options.requireConnectProtocolHeader &&
      params.get("connect") !== "v1") ||
    Number(headers["content-length"] ?? 0) > 0 ||
    headers["transfer-encoding"] !== undefined
  ) {
    return "headers";
  }
  return start(head, codec, connectTimeout(head), headers["accept-encoding"]);
}

function start(
  head: RequestHead,
  codec: Codec,
  timeoutMs: number | undefined,
  accepted: string | string[] | undefined,
): Choice {
  const { authority, headers, lane } = head;
  if (timeoutMs === oddTimeout) {
    return "timeout";
  }
  if (
    headers.expect !== undefined ||
    typeof authority !== "string" ||
    Array.isArray(accepted)
  ) {
    return "headers";
  }
  const url = requestUrl(head.secure, authority, head.url);
  if (url === undefined) {
    return "headers";
  }
  return {
    lane,
    codec,
    requestMethod: head.httpMethod === "GET" ? "GET" : "POST",
    url,
    headers,
    timeoutMs,
    compression: accepted === undefined ? undefined : lane.negotiate(accepted),
  };
}

function connectTimeout({ headers, lane }: RequestHead): number | undefined {
  return readConnectTimeout(
    one(headers["connect-timeout-ms"]),
    lane.options.maxTimeoutMs,
  );
}

function isCompressed(encoding: string | string[] | undefined): boolean {
  return encoding !== undefined && encoding !== "identity";
}

/** Node gives lists for a few fields only, of which these are none. */
function one(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.join(", ");
}
