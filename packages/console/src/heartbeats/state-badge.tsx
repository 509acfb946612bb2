import { HeartbeatState } from "@both-ends/gen/heartbeat/v1/heartbeat_pb.js";
import { Badge, type Tone } from "../show/badge.js";

const looks: Record<HeartbeatState, [Tone, string]> = {
  [HeartbeatState.UNSPECIFIED]: ["idle", "Unknown"],
  [HeartbeatState.ALIVE]: ["good", "Alive"],
  [HeartbeatState.LATE]: ["warn", "Late"],
  [HeartbeatState.DOWN]: ["bad", "Down"],
};

/** Whether a service is alive. */
export function StateBadge({ state }: { state: HeartbeatState }) {
  const [tone, label] = looks[state];
  return <Badge tone={tone} label={label} />;
}
