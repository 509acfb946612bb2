import { Badge } from "../show/badge.js";
import type { StreamState } from "./follow-stream.js";

const looks = {
  connecting: ["idle", "Connecting"],
  live: ["good", "Live"],
  reconnecting: ["warn", "Reconnecting"],
  paused: ["idle", "Paused"],
  refused: ["bad", "Not live"],
} as const;

/** Says whether what is shown is live, and why not. */
export function LiveBadge({ state }: { state: StreamState }) {
  const [tone, label] = looks[state.kind];
  const reason = "reason" in state ? state.reason : undefined;
  return (
    <output title={reason} aria-live="polite">
      <Badge tone={tone} label={label} />
    </output>
  );
}
