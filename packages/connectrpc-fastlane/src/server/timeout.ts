import { longestTimerMs } from "./call-signal.js";

/** A timeout that is not for the lane. */
export const oddTimeout = -1;

const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/**
 * Reads a `grpc-timeout` in milliseconds, undefined if there is none. What
 * connect-es would refuse is {@link oddTimeout}, and so is what is longer than
 * a timer can wait.
 */
export function readGrpcTimeout(
  value: string | undefined,
  maxTimeoutMs: number,
): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  const unit = unitMs[value.slice(-1)];
  const digits = value.slice(0, -1);
  if (unit === undefined || !/^\d{1,8}$/.test(digits)) {
    return oddTimeout;
  }
  return withinLimits(unit * Number(digits), maxTimeoutMs);
}

/** The same for `connect-timeout-ms`. */
export function readConnectTimeout(
  value: string | undefined,
  maxTimeoutMs: number,
): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  return /^\d{1,10}$/.test(value)
    ? withinLimits(Number(value), maxTimeoutMs)
    : oddTimeout;
}

function withinLimits(timeoutMs: number, maxTimeoutMs: number): number {
  return timeoutMs > Math.min(maxTimeoutMs, longestTimerMs)
    ? oddTimeout
    : timeoutMs;
}
