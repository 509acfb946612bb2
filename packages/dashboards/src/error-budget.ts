import type { Side } from "./vocabulary.js";

/** The windows over which error ratios are recorded. */
export const burnWindows = ["5m", "30m", "1h", "6h"] as const;

/** One of {@link burnWindows}. */
export type BurnWindow = (typeof burnWindows)[number];

/**
 * The share of calls that may fail by the server's fault: 1 %, so 99 % succeed.
 */
export const errorBudget = 0.01;

/** The name under which the ratio of failed calls is recorded. */
export function errorRatioName(side: Side, window: BurnWindow): string {
  return `job_grpc_service:grpc_${side}_error:ratio_rate${window}`;
}
