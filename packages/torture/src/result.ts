import type { CodeName } from "./code-name.js";
import type { RouteLabels, RpcType, TargetName } from "./routes.js";

/** A distribution of times, in milliseconds, to three significant digits. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly mean: number;
}

/** How long calls took. */
export interface Timing {
  /**
   * What a caller who keeps to the pace feels, corrected for coordinated
   * omission: see {@link TortureResult.correction}.
   */
  readonly latencyMs: Percentiles;
  /** From the moment a call really began: what the target's histogram sees. */
  readonly serviceTimeMs: Percentiles;
}

/** Exact numbers of calls and their messages. */
export interface Counts {
  readonly count: number;
  /** Those among them that should have ended otherwise. */
  readonly unexpected: number;
  /** Messages that the caller sent. A unary call sends one. */
  readonly sent: number;
  /** Messages that the caller received. A failed unary call receives none. */
  readonly received: number;
}

/** The calls of one route that ended with one code. */
export interface Series extends RouteLabels, Counts, Timing {
  readonly code: CodeName;
  readonly callsPerSecond: number;
}

/** The calls of one method over all protocols but REST, or over REST. */
export interface MethodSummary extends Counts, Timing {
  readonly target: TargetName;
  /** Empty for REST. */
  readonly grpc_service: string;
  /** `GET /proxy/<name>/` for REST. */
  readonly grpc_method: string;
  readonly grpc_type: RpcType;
  readonly callsPerSecond: number;
  /** Calls that were due but not begun. */
  readonly dropped: number;
  /** The same calls by code, the most frequent first. */
  readonly codes: readonly CodeSummary[];
}

/** The calls of one method that ended with one code. */
export interface CodeSummary extends Counts, Timing {
  readonly code: CodeName;
  readonly callsPerSecond: number;
}

/** Calls of one route that ended otherwise than they should, and why. */
export interface Mismatch extends RouteLabels {
  readonly expected: CodeName;
  /** `OK` where the answer itself was wrong. */
  readonly code: CodeName;
  readonly count: number;
  /** What the first of them said. */
  readonly example: string;
}

/** What a load has done. */
export interface TortureResult {
  readonly seed: number;
  /** `open`: begun at a rate. `closed`: begun when the call before had ended. */
  readonly loop: "open" | "closed";
  /** Calls per second that were meant to begin; in an open loop. */
  readonly rate?: number;
  /** Callers; in a closed loop. */
  readonly concurrency?: number;
  /**
   * How `latencyMs` is corrected for coordinated omission. `intended-start`
   * (open loop): measured from when the call should have begun.
   * `expected-interval` (closed loop): for a call that took longer than a
   * caller's mean time between two such calls, the calls that it kept from
   * being made are added, as HdrHistogram does it.
   */
  readonly correction: "intended-start" | "expected-interval";
  /** When it began, in RFC 3339. */
  readonly startedAt: string;
  /** From the first call's begin to the last one's end. */
  readonly elapsedMs: number;
  /** Whether it was ended early by its signal. */
  readonly interrupted: boolean;
  /** Calls that ended. */
  readonly calls: number;
  readonly callsPerSecond: number;
  /** Calls that ended otherwise than they should. */
  readonly unexpected: number;
  /** Calls that were due while `maxOutstanding` others were in flight. */
  readonly dropped: number;
  /** Calls that did not even end when their connection was broken. */
  readonly unfinished: number;
  /**
   * Calls that ended unexpectedly, were dropped or are unfinished, as a share
   * of all that were due: 0 to 1.
   */
  readonly errorRate: number;
  /** One for each target, protocol, method and code. */
  readonly series: readonly Series[];
  /** One for each method, and one for REST. */
  readonly methods: readonly MethodSummary[];
  /** At most 100, the most frequent first. */
  readonly mismatches: readonly Mismatch[];
}
