/**
 * Why a call was handed over to connect-es's own handlers:
 *
 * - `http-method`: neither POST nor a GET that the method allows;
 * - `call-type`: a client stream or a bidi stream;
 * - `content-type`: gRPC-Web, an unknown codec, one of another kind of call, a
 *   spelling that is not the usual one, or gRPC over HTTP/1.1;
 * - `compression`: the request is compressed;
 * - `timeout`: malformed, over `maxTimeoutMs`, or over 24.8 days;
 * - `headers`: any other field that asks for more than the usual;
 * - `origin`: a browser's, to which the host adds its CORS headers;
 * - `wrapped`: something else replaced the handler in `router.handlers`.
 */
export type HandOverReason =
  | "http-method"
  | "call-type"
  | "content-type"
  | "compression"
  | "timeout"
  | "headers"
  | "origin"
  | "wrapped";

/** How many calls took the lane, and how many did not. */
export interface LaneCounts {
  /** Calls that took the lane. */
  taken: number;
  /** Calls to a known path that were handed over, by reason. */
  readonly handedOver: Record<HandOverReason, number>;
}

/** Counts from zero. */
export function createLaneCounts(): LaneCounts {
  return {
    taken: 0,
    handedOver: {
      "http-method": 0,
      "call-type": 0,
      "content-type": 0,
      compression: 0,
      timeout: 0,
      headers: 0,
      origin: 0,
      wrapped: 0,
    },
  };
}
