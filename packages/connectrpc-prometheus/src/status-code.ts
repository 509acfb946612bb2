import { Code, ConnectError } from "@connectrpc/connect";
import { ok, type StatusCode, spellCode, statusCodes } from "./spelling.js";

/** A call as its handler sees it. */
export interface HandledCall {
  readonly signal: AbortSignal;
  readonly header: Headers;
}

/**
 * The code that the caller of a handler gets for what the handler threw.
 * Anything that is no ConnectError goes out as `internal`, although
 * `ConnectError.from` would make it `unknown`.
 */
export function thrownCode(error: unknown): StatusCode {
  return error instanceof ConnectError ? error.code : Code.Internal;
}

/**
 * The code of a caller that has left before the handler was done, whatever the
 * handler throws or answers afterwards; undefined if it has not left, as far
 * as the handler's signal tells. That also aborts when the server shuts down,
 * and then the caller is still there and gets what the handler makes of it.
 */
export function departureCode(
  call: HandledCall,
  elapsedMs: number,
): StatusCode | undefined {
  if (!call.signal.aborted) {
    return undefined;
  }
  switch (abortCode(call.signal)) {
    case Code.DeadlineExceeded:
    case Code.Canceled:
    // connect-node's code for a stream that was reset with INTERNAL_ERROR.
    case Code.Internal:
    // connect-node's code for an HTTP/1.1 connection that was reset.
    case Code.Aborted:
      return goneCode(call, elapsedMs);
    default:
      return undefined;
  }
}

/**
 * The code of a caller that is known to be gone.
 *
 * A caller that runs out of time resets the stream, often before the server's
 * own timer fires: gRPC clients with CANCEL, connect-node with INTERNAL_ERROR.
 * So a reset at the end of the caller's timeout counts as its deadline.
 */
export function goneCode(
  { signal, header }: HandledCall,
  elapsedMs: number,
): StatusCode {
  if (signal.aborted && abortCode(signal) === Code.DeadlineExceeded) {
    return Code.DeadlineExceeded;
  }
  return goneCodeAfter(elapsedMs, readTimeoutMs(header));
}

/** The same for a call whose timeout is known, if only by its clock. */
export function goneCodeAfter(elapsedMs: number, timeoutMs: number): Code {
  // The caller's time began to run earlier, before it connected and sent.
  const tolerance = Math.max(timeoutMs * 0.05, Math.min(100, timeoutMs / 2));
  return elapsedMs >= timeoutMs - tolerance
    ? Code.DeadlineExceeded
    : Code.Canceled;
}

const grpcTimeoutUnits: Record<string, number> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** The timeout that a request states, in milliseconds; Infinity if it has none. */
function readTimeoutMs(header: Headers): number {
  const connect = header.get("connect-timeout-ms");
  if (connect !== null) {
    return Number(connect);
  }
  const [, value, unit = ""] =
    /^(\d{1,8})([HMSmun])$/.exec(header.get("grpc-timeout") ?? "") ?? [];
  const unitMs = grpcTimeoutUnits[unit];
  return unitMs === undefined
    ? Number.POSITIVE_INFINITY
    : Number(value) * unitMs;
}

/**
 * The code that the caller sees for what a transport threw. A transport may
 * throw a bare AbortError for a deadline: connect-es looks at the signal
 * first, but outside of the interceptors.
 */
export function clientCode(error: unknown, signal: AbortSignal): StatusCode {
  return signal.aborted ? abortCode(signal) : ConnectError.from(error).code;
}

/** The code of a call that its signal ended: the reason's, else canceled. */
export function abortCode(signal: AbortSignal): Code {
  return ConnectError.from(signal.reason, Code.Canceled).code;
}

/**
 * The code that a peer reads from an HTTP status where there is nothing else,
 * by Connect's "HTTP to Error Code" table (https://connectrpc.com/docs/protocol),
 * which is gRPC's as well.
 */
export function codeFromHttpStatus(status: number): StatusCode {
  switch (status) {
    case 200:
      return ok;
    case 400:
      return Code.Internal;
    case 401:
      return Code.Unauthenticated;
    case 403:
      return Code.PermissionDenied;
    case 404:
      return Code.Unimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return Code.Unavailable;
    default:
      return Code.Unknown;
  }
}

/**
 * The code of an error whose body cannot be read, by the status that connect-es
 * gives it. Where several codes share a status, that of the errors which
 * connect-es raises itself.
 */
export function codeFromErrorStatus(status: number): StatusCode {
  switch (status) {
    case 400:
      return Code.InvalidArgument;
    case 404:
      return Code.NotFound;
    case 409:
      return Code.Aborted;
    case 429:
      return Code.ResourceExhausted;
    case 499:
      return Code.Canceled;
    case 500:
      return Code.Internal;
    case 501:
      return Code.Unimplemented;
    case 504:
      return Code.DeadlineExceeded;
    default:
      return codeFromHttpStatus(status);
  }
}

const codesByName = new Map<unknown, StatusCode>();
for (let code = 0; code < statusCodes; code++) {
  // 0 to 16 are the status codes.
  const status = code as StatusCode;
  codesByName.set(spellCode(status, "connect"), status);
  codesByName.set(String(code), status);
}

/** The code of a `grpc-status` or of Connect's `code`; unknown if it is neither. */
export function codeFromWire(value: unknown): StatusCode {
  return codesByName.get(value) ?? Code.Unknown;
}
