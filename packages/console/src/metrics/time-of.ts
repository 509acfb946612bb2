import type { MetricsSnapshot } from "@both-ends/gen/admin/v1/live_metrics_service_pb.js";

/** When a snapshot was taken, in seconds since 1970. */
export function timeOf({ time }: MetricsSnapshot): number {
  return time === undefined ? 0 : Number(time.seconds) + time.nanos / 1e9;
}
