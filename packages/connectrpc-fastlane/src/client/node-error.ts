import { constants } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";

const codeByNodeCode: Readonly<Record<string, Code>> = {
  ERR_STREAM_WRITE_AFTER_END: Code.Aborted,
  ERR_STREAM_DESTROYED: Code.Aborted,
  ERR_HTTP2_INVALID_STREAM: Code.Aborted,
  ECONNRESET: Code.Aborted,
  ETIMEDOUT: Code.Unavailable,
  ENOTFOUND: Code.Unavailable,
  EAI_AGAIN: Code.Unavailable,
  ECONNREFUSED: Code.Unavailable,
  EHOSTUNREACH: Code.Unavailable,
  ENETUNREACH: Code.Unavailable,
  EADDRNOTAVAIL: Code.Unavailable,
};

/**
 * Turns what Node gave as the reason of a failure into a ConnectError with the
 * code that connect-node gives it: `unavailable` if there is no connection (also
 * for want of a route, which connect-node calls `internal`), `aborted` if it was
 * lost, `canceled` for an AbortError, else `internal`.
 */
export function errorFromNode(reason: unknown): ConnectError {
  const codes = causesOf(reason).map(
    (error) => codeByNodeCode[nodeCode(error)],
  );
  const code =
    codes.find((c) => c === Code.Aborted) ??
    codes.find((c) => c === Code.Unavailable) ??
    Code.Internal;
  const error = ConnectError.from(reason, code);
  if (error !== reason) {
    error.cause = reason;
  }
  return error;
}

/** Whether this says that the response came before the request was written. */
export function isWriteAfterEnd(reason: unknown): boolean {
  return causesOf(reason).some(
    (error) => nodeCode(error) === "ERR_STREAM_WRITE_AFTER_END",
  );
}

const {
  NGHTTP2_REFUSED_STREAM,
  NGHTTP2_CANCEL,
  NGHTTP2_ENHANCE_YOUR_CALM,
  NGHTTP2_INADEQUATE_SECURITY,
  NGHTTP2_HTTP_1_1_REQUIRED,
} = constants;

const codeByReset = new Map<number, Code>([
  [NGHTTP2_REFUSED_STREAM, Code.Unavailable],
  [NGHTTP2_CANCEL, Code.Canceled],
  [NGHTTP2_ENHANCE_YOUR_CALM, Code.ResourceExhausted],
  [NGHTTP2_INADEQUATE_SECURITY, Code.PermissionDenied],
  [NGHTTP2_HTTP_1_1_REQUIRED, Code.PermissionDenied],
]);

/** The names of RFC 9113, section 7, by their number. */
const resetNames = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
];

/**
 * The error for a stream that the server closed by a reset, by gRPC's table
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#errors).
 */
export function errorFromReset(resetCode: number): ConnectError {
  const name = resetNames[resetCode] ?? "unknown";
  return new ConnectError(
    `http/2 stream closed with error code ${name} (0x${resetCode.toString(16)})`,
    codeByReset.get(resetCode) ?? Code.Internal,
  );
}

/** An error and its causes, without going round in circles. */
function causesOf(reason: unknown): Error[] {
  const chain: Error[] = [];
  let error = reason;
  while (error instanceof Error && !chain.includes(error)) {
    chain.push(error);
    error = error.cause;
  }
  return chain;
}

function nodeCode(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}
