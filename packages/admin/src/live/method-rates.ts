import type { MethodSample } from "./process-sample.js";
import { quantile } from "./quantile.js";

/** How calls of one method went in a span of time. */
export interface MethodRates {
  readonly sample: MethodSample;
  /** Calls that ended, per second. */
  readonly rate: number;
  /** Calls that ended, by code; only codes that ever came. */
  readonly codes: readonly CodeRate[];
  readonly latency?: LatencySeconds;
  /** Since the process started. */
  readonly total: number;
  readonly failedTotal: number;
}

/** How many calls ended in one code. */
export interface CodeRate {
  readonly code: string;
  /** Per second. */
  readonly rate: number;
  /** Since the process started. */
  readonly total: number;
}

/** How long calls took, in seconds. */
export interface LatencySeconds {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
}

/**
 * Calculates how calls went between two samples of one process. Without an
 * earlier one, or if the method was not in it, all counts are since the start.
 */
export function toMethodRates(
  now: MethodSample,
  before: MethodSample | undefined,
  seconds: number | undefined,
): MethodRates {
  const perSecond = (count: number) =>
    seconds === undefined || seconds <= 0 ? 0 : Math.max(count, 0) / seconds;
  const codes = [...now.handled]
    .map(([code, total]) => ({
      code,
      rate: perSecond(total - (before?.handled.get(code) ?? 0)),
      total,
    }))
    .filter(({ total }) => total > 0)
    .sort((a, b) => a.code.localeCompare(b.code));
  const total = codes.reduce((sum, { total }) => sum + total, 0);
  const ok = now.handled.get("OK") ?? 0;
  return {
    sample: now,
    rate: codes.reduce((sum, { rate }) => sum + rate, 0),
    codes,
    latency: seconds === undefined ? undefined : latencyOf(now, before),
    total,
    failedTotal: total - ok,
  };
}

function latencyOf(
  now: MethodSample,
  before: MethodSample | undefined,
): LatencySeconds | undefined {
  const timed = now.timed - (before?.timed ?? 0);
  if (timed <= 0) {
    return undefined;
  }
  const buckets = new Map(
    [...now.buckets].map(([bound, count]) => [
      bound,
      count - (before?.buckets.get(bound) ?? 0),
    ]),
  );
  const at = (q: number) => quantile(q, buckets) ?? 0;
  return {
    mean: (now.seconds - (before?.seconds ?? 0)) / timed,
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
  };
}
