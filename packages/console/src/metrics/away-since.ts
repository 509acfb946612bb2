import type {
  MetricsSnapshot,
  ProcessSnapshot,
} from "@both-ends/gen/admin/v1/live_metrics_service_pb.js";
import type { Timestamp } from "@bufbuild/protobuf/wkt";

/**
 * Since when a process has not answered. `undefined` if it does, or if it was
 * away already in the first snapshot.
 */
export function awaySince(
  snapshots: readonly MetricsSnapshot[],
  { service, role }: Pick<ProcessSnapshot, "service" | "role">,
): Timestamp | undefined {
  const lastUp = snapshots.findLastIndex(({ processes }) =>
    processes.some((p) => p.service === service && p.role === role && p.up),
  );
  return lastUp < 0 ? undefined : snapshots[lastUp + 1]?.time;
}
