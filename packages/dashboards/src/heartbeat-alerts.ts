import { createClock, type RuleGroup, type RuleOptions } from "./rule.js";

/** Names the services that have been silent for longest. */
const silent =
  '{{ range query "topk(3, time() - max by (service_name) (heartbeat_last_seen_timestamp_seconds))" }}{{ .Labels.service_name }} for {{ .Value | humanizeDuration }}, {{ end }}';

/**
 * Creates the alerts about heartbeats. Services are counted and not instances:
 * of several workers, any may send the next beat.
 */
export function createHeartbeatAlerts(options: RuleOptions): RuleGroup {
  const clock = createClock(options);
  return {
    name: "heartbeats",
    rules: [
      {
        alert: "HeartbeatLate",
        expr: 'max by (state) (heartbeat_services{state="late"}) > 0',
        for: clock(30),
        severity: "warning",
        summary: "{{ $value }} services are late with their heartbeat",
        description: `No beat for two intervals. Longest silent: ${silent}as of this alert.`,
      },
      {
        alert: "HeartbeatDown",
        expr: 'max by (state) (heartbeat_services{state="down"}) > 0',
        for: clock(0),
        severity: "critical",
        summary: "{{ $value }} services send no heartbeat",
        description: `No beat for four intervals: the service's workers are gone or cannot reach edge. Longest silent: ${silent}as of this alert.`,
      },
      {
        alert: "HeartbeatsUnknown",
        expr: 'up{job="edge"} == 1 unless on () count (heartbeat_services{state="alive"}) > 0',
        for: clock(120),
        severity: "warning",
        summary: "edge cannot tell who is alive",
        description:
          "edge answers and does not show the heartbeats, because it cannot read them from its database: late and down cannot be told.",
      },
    ],
  };
}
