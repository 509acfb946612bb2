/** What a server lets its clients do. A timeout of 0 means that there is none. */
export interface ServerLimits {
  /** Streams that a client may have open at once. */
  readonly maxConcurrentStreams: number;
  /** Bytes of the header fields of a request (RFC 9113, 6.5.2). */
  readonly maxHeaderSizeBytes: number;
  /** For the client's preface, and for its word that it has read the server's SETTINGS. */
  readonly prefaceTimeoutMs: number;
  /** For which a connection may be without streams. */
  readonly sessionIdleTimeoutMs: number;
  /** Within which a request has to arrive whole. */
  readonly requestTimeoutMs: number;
  /** How long what goes on may go on once the server closes. */
  readonly shutdownGraceMs: number;
}

/** A limit for which a connection was cut, or a stream reset. */
export type ServerLimit =
  | "prefaceTimeoutMs"
  | "sessionIdleTimeoutMs"
  | "requestTimeoutMs";

/** The longest a Node timer can wait; it fires at once when given more. */
const longestTimeoutMs = 2 ** 31 - 1;

/** Throws a RangeError for a limit that is none, which names it and its value. */
export function checkLimits(limits: ServerLimits): void {
  for (const [name, value] of Object.entries(limits)) {
    const [least, most] = name.endsWith("Ms")
      ? [0, longestTimeoutMs]
      : [1, 2 ** 32 - 1];
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(
        `${name} must be a whole number from ${least} to ${most}, got ${value}`,
      );
    }
  }
}
