import type { TortureResult } from "./result.js";

/** What a run has to keep to. */
export interface Limits {
  /** The largest `errorRate`: 0 to 1. */
  maxErrorRate: number;
  /** The largest p99 of any unary method, in milliseconds. By default, none. */
  maxP99Ms?: number;
}

/** Lists the limits that a run has missed, in words; none if it kept to all. */
export function missedLimits(result: TortureResult, limits: Limits): string[] {
  const { maxErrorRate, maxP99Ms } = limits;
  const missed: string[] = [];
  if (result.errorRate > maxErrorRate) {
    missed.push(
      `error rate is ${formatShare(result.errorRate)}, above ${formatShare(maxErrorRate)}`,
    );
  }
  if (maxP99Ms === undefined) {
    return missed;
  }
  for (const { grpc_type, grpc_method, dropped, latencyMs } of result.methods) {
    // A stream lasts as long as it is meant to.
    if (grpc_type !== "unary") {
      continue;
    }
    if (dropped > 0) {
      missed.push(
        `p99 of ${grpc_method} is unknown: ${dropped} of its calls were dropped`,
      );
    } else if (latencyMs.p99 > maxP99Ms) {
      missed.push(
        `p99 of ${grpc_method} is ${latencyMs.p99} ms, above ${maxP99Ms} ms`,
      );
    }
  }
  return missed;
}

function formatShare(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
