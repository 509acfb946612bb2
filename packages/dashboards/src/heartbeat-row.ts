import type { PanelSpec, RowSpec } from "./panel-spec.js";

const stateColors = { alive: "green", late: "orange", down: "red" } as const;

/** The row about who is alive. */
export function createHeartbeats(): RowSpec {
  const states = Object.entries(stateColors).map(
    ([state, color]): PanelSpec => ({
      kind: "stat",
      title: `Services ${state}`,
      description: {
        alive: "Services whose beats arrive.",
        late: "Services without a beat for two intervals. Any is worth a look.",
        down: "Services without a beat for four intervals.",
      }[state as keyof typeof stateColors],
      unit: "short",
      queries: [
        {
          expr: `max (heartbeat_services{state="${state}"})`,
          legend: state,
        },
      ],
      width: 4,
      height: 8,
      decimals: 0,
      thresholds:
        state === "alive"
          ? [{ color: "red" }, { from: 1, color }]
          : [{ color: "green" }, { from: 1, color }],
      noValue: "unknown",
    }),
  );
  return {
    title: "Heartbeats",
    panels: [
      ...states,
      {
        kind: "time series",
        title: "Since the last beat",
        description:
          "How long each service has been silent. A saw tooth as high as the interval is healthy; a ramp is a service that is gone.",
        unit: "s",
        queries: [
          {
            expr: 'time() - max by (service_name) (heartbeat_last_seen_timestamp_seconds{service_name=~"$service_name"})',
            legend: "{{service_name}}",
          },
        ],
        width: 12,
        min: 0,
      },
    ],
  };
}
