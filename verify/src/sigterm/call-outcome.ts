import type { Socket } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";

/**
 * What a call came to, as its caller sees it: `answered`; `unavailable`, which
 * a server said; `refused`, where no server took it: nobody listens, or the
 * stream was refused, which HTTP/2 guarantees not to be handled (RFC 9113,
 * 8.7); or else the error.
 */
export type CallOutcome = "answered" | "unavailable" | "refused" | CallFailure;

/** A call that failed in another way. */
export interface CallFailure {
  readonly error: string;
  /** The client's port, where the connection was reset. */
  readonly resetPort?: number;
}

/** Lets the error of a reset connection say which port was the client's. */
export function markResets(socket: Socket): Socket {
  let port: number | undefined;
  // Later it has none.
  socket.once("connect", () => {
    port = socket.localPort;
  });
  return socket.prependOnceListener("error", (error) => {
    resetPorts.set(error, port);
  });
}

const resetPorts = new WeakMap<object, number | undefined>();

/** What an error of a call means. */
export function outcomeOfError(reason: unknown): CallOutcome {
  // Of fetch, whose message says nothing.
  const cause = reason instanceof TypeError ? reason.cause : undefined;
  if (cause instanceof Error && "code" in cause) {
    return cause.code === "ECONNREFUSED"
      ? "refused"
      : describeFailure(`${cause.code}: ${cause.message}`, cause);
  }
  const error = ConnectError.from(reason);
  // connect-es gives the latter as `internal`. Reset before the client knew it
  // to be connected, it had not sent anything.
  if (
    /ECONNREFUSED|^connect ECONNRESET|NGHTTP2_REFUSED_STREAM$/.test(
      error.rawMessage,
    )
  ) {
    return "refused";
  }
  return error.code === Code.Unavailable
    ? "unavailable"
    : describeFailure(error.message, error.cause);
}

/** With the port of a marked socket, or of fetch, whose errors tell their own. */
function describeFailure(error: string, cause: unknown): CallFailure {
  if (!(cause instanceof Error)) {
    return { error };
  }
  // As undici's SocketError is.
  const { socket } = cause as { socket?: { localPort?: number } };
  const resetPort = resetPorts.get(cause) ?? socket?.localPort;
  return resetPort === undefined ? { error } : { error, resetPort };
}

/** What an HTTP answer of REST means. */
export function outcomeOfStatus(status: number): CallOutcome {
  if (status === 200) {
    return "answered";
  }
  return status === 503 ? "unavailable" : { error: `HTTP ${status}` };
}

/** Calls by what they came to. */
export interface OutcomeCounts {
  answered: number;
  unavailable: number;
  refused: number;
  /** All others. */
  others: (CallFailure & { readonly kind: string })[];
}

/** Creates counts of nothing yet. */
export function createOutcomeCounts(): OutcomeCounts {
  return { answered: 0, unavailable: 0, refused: 0, others: [] };
}

/** Counts an outcome of a kind of call. */
export function countOutcome(
  counts: OutcomeCounts,
  kind: string,
  outcome: CallOutcome,
): void {
  if (typeof outcome === "string") {
    counts[outcome] += 1;
  } else {
    counts.others.push({ kind, ...outcome });
  }
}

/**
 * Counts as refused what was lost with a connection that no server has taken:
 * the kernel makes connections by itself, and resets those that wait when the
 * listener closes.
 */
export function settleResets(
  counts: OutcomeCounts,
  accepted: ReadonlySet<number>,
): void {
  const lost = counts.others.filter(
    ({ resetPort }) => resetPort === undefined || accepted.has(resetPort),
  );
  counts.refused += counts.others.length - lost.length;
  counts.others = lost;
}
