import { Code, ConnectError } from "@connectrpc/connect";

/**
 * What a call came to, as its caller sees it: `answered`; `unavailable`, which
 * a server said; `refused`, where no server took it: nobody listens, or the
 * stream was refused, which HTTP/2 guarantees not to be handled (RFC 9113,
 * 8.7); or else the error.
 */
export type CallOutcome =
  | "answered"
  | "unavailable"
  | "refused"
  | { error: string };

/** What an error of a call means. */
export function outcomeOfError(reason: unknown): CallOutcome {
  // Of fetch, whose message says nothing.
  const cause = reason instanceof TypeError ? reason.cause : undefined;
  if (cause instanceof Error && "code" in cause) {
    return cause.code === "ECONNREFUSED"
      ? "refused"
      : { error: `${cause.code}: ${cause.message}` };
  }
  const error = ConnectError.from(reason);
  // connect-es gives the latter as `internal`.
  if (/ECONNREFUSED|NGHTTP2_REFUSED_STREAM$/.test(error.rawMessage)) {
    return "refused";
  }
  return error.code === Code.Unavailable
    ? "unavailable"
    : { error: error.message };
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
  /** All others, by their error. */
  readonly others: Record<string, number>;
}

/** Creates counts of nothing yet. */
export function createOutcomeCounts(): OutcomeCounts {
  return { answered: 0, unavailable: 0, refused: 0, others: {} };
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
    const what = `${kind}: ${outcome.error}`;
    counts.others[what] = (counts.others[what] ?? 0) + 1;
  }
}

/** How many calls came to something else. */
export function countOthers({ others }: OutcomeCounts): number {
  return Object.values(others).reduce((sum, times) => sum + times, 0);
}
