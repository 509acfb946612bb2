/** Series as promtool writes them, each a minute per value. */
export type Series = Readonly<Record<string, string>>;

/** What makes an alert fire, and what does not. */
export interface AlertCase {
  readonly alert: string;
  /** When it is looked at, from the first value on. */
  readonly at: string;
  readonly fires: {
    readonly series: Series;
    /** Its labels but for the severity, one set per alert that fires. */
    readonly labels: Readonly<Record<string, string>>;
    readonly summary: string;
    /** Where the description names something. By default, it does not. */
    readonly description?: string;
  };
  /** What must not make it fire, by why not. */
  readonly quiet: Readonly<Record<string, Series>>;
}

const method = 'grpc_service="s.v1.S", grpc_method="M"';
const jobs = [
  "time",
  "time-worker",
  "revert-name",
  "revert-name-worker",
  "edge",
  "edge-worker",
];

function up(values: Readonly<Record<string, string>>): Series {
  return Object.fromEntries(
    Object.entries(values).map(([job, value]) => [
      `up{job="${job}", instance="i"}`,
      value,
    ]),
  );
}

const allUp = up(Object.fromEntries(jobs.map((job) => [job, "1+0x10"])));

function handled(
  side: string,
  codes: Readonly<Record<string, number>>,
): Series {
  return Object.fromEntries(
    Object.entries(codes).map(([code, perMinute]) => [
      `grpc_${side}_handled_total{job="j", ${method}, grpc_code="${code}"}`,
      `0+${perMinute}x60`,
    ]),
  );
}

function burn(side: "server" | "client", speed: "Fast" | "Slowly"): AlertCase {
  const ratio = speed === "Fast" ? 20 : 8;
  const name = side === "server" ? "Server" : "Client";
  return {
    alert: `${name}ErrorsBurn${speed}`,
    at: "45m",
    fires: {
      series: handled(side, { OK: 100 - ratio, Internal: ratio }),
      labels: { job: "j", grpc_service: "s.v1.S" },
      summary:
        side === "server"
          ? `s.v1.S on j fails ${ratio}% of its calls`
          : `j sees ${ratio}% of its calls to s.v1.S fail`,
    },
    quiet: {
      "few errors": handled(side, { OK: 100 - ratio / 2, Internal: ratio / 2 }),
      "errors of callers": handled(side, { OK: 50, NotFound: 50 }),
      "no call": handled(side, { OK: 0, Internal: 0 }),
      "health and unknown calls": {
        [`grpc_${side}_handled_total{job="j", grpc_service="grpc.health.v1.Health", grpc_code="Internal"}`]:
          "0+60x60",
        [`grpc_${side}_handled_total{job="j", grpc_service="other", grpc_code="Unimplemented"}`]:
          "0+60x60",
      },
    },
  };
}

function buckets(
  side: string,
  type: string,
  bounds: readonly string[],
): Series {
  return Object.fromEntries(
    bounds.map((bound, index) => [
      `grpc_${side}_handling_seconds_bucket{job="j", grpc_type="${type}", ${method}, le="${bound}"}`,
      `0+${index === 0 ? 0 : 60}x20`,
    ]),
  );
}

function slow(side: "server" | "client"): AlertCase {
  const bounds =
    side === "server" ? ["0.5", "1", "+Inf"] : ["1", "2.5", "+Inf"];
  return {
    alert: side === "server" ? "ServerLatencyHigh" : "ClientLatencyHigh",
    at: "15m",
    fires: {
      series: buckets(side, "unary", bounds),
      labels: { job: "j", grpc_service: "s.v1.S", grpc_method: "M" },
      summary: `p95 of M on j is ${side === "server" ? "975ms" : "2.425s"}`,
    },
    quiet: {
      "fast calls": buckets(side, "unary", ["0.1", "0.25", "+Inf"]),
      "streams that last": buckets(side, "bidi_stream", bounds),
    },
  };
}

function stuck(side: "server" | "client"): AlertCase {
  const labels = (type: string) =>
    `{job="j", instance="i", grpc_type="${type}", ${method}}`;
  const calls = (type: string, inFlight: string, ended: string) => ({
    [`grpc_${side}_in_flight${labels(type)}`]: inFlight,
    [`grpc_${side}_handled_total${labels(type)}`]: ended,
  });
  return {
    alert: side === "server" ? "ServerCallsStuck" : "ClientCallsStuck",
    at: "20m",
    fires: {
      series: calls("unary", "2+0x30", "7+0x30"),
      labels: {
        job: "j",
        instance: "i",
        grpc_service: "s.v1.S",
        grpc_method: "M",
      },
      summary: "2 calls of M are stuck on j",
    },
    quiet: {
      "calls that end": calls("unary", "2+0x30", "7+1x30"),
      "none in flight now and then": calls(
        "unary",
        "2 0 2 0 2 0 2 0 2 0 2 0 2 0 2 0 2 0 2 0 2",
        "7+0x30",
      ),
      "streams that stay": calls("server_stream", "2+0x30", "7+0x30"),
    },
  };
}

function runs(outcome: string, values: string): Series {
  return {
    [`agenda_job_runs_total{job="w", job_name="n", outcome="${outcome}"}`]:
      values,
  };
}

const beats = {
  'heartbeat_last_seen_timestamp_seconds{job="edge", service_name="time"}':
    "0+0x10",
};
const jobLabels = { job: "w", job_name: "n" };

/** A case for every alert. */
export const alertCases: readonly AlertCase[] = [
  {
    alert: "TargetDown",
    at: "5m",
    fires: {
      series: up({ time: "1 0+0x10" }),
      labels: { job: "time", instance: "i" },
      summary: "time at i does not answer Prometheus",
    },
    quiet: {
      "all up": allUp,
      "one scrape missed": up({ time: "1 1 1 0 1 1 1" }),
    },
  },
  {
    alert: "TargetAbsent",
    at: "12m",
    fires: {
      // Left out by discovery after two minutes, and stale five later.
      series: {
        ...allUp,
        ...up({ edge: "1 1 stale" }),
        ...up(
          Object.fromEntries(jobs.slice(0, 4).map((job) => [job, "1+0x20"])),
        ),
        ...up({ "edge-worker": "1+0x20" }),
      },
      labels: { job: "edge" },
      summary: "No process of edge is left",
    },
    quiet: {
      "all up": up(Object.fromEntries(jobs.map((job) => [job, "1+0x20"]))),
    },
  },
  {
    alert: "ProcessRestarts",
    at: "8m",
    fires: {
      series: {
        'process_start_time_seconds{job="j", instance="i"}':
          "1 2 3 4 4 4 4 4 4",
      },
      labels: { job: "j", instance: "i" },
      summary: "j at i has begun anew 3 times",
    },
    quiet: {
      "a new version": {
        'process_start_time_seconds{job="j", instance="i"}':
          "1 1 2 2 2 2 2 2 2",
      },
    },
  },
  {
    alert: "EventLoopLag",
    at: "12m",
    fires: {
      series: { 'nodejs_eventloop_lag_p99_seconds{job="j"}': "0.2+0x15" },
      labels: { job: "j" },
      summary: "The event loop of j lags by 200ms",
    },
    quiet: {
      "a loop that runs": {
        'nodejs_eventloop_lag_p99_seconds{job="j"}': "0.011+0x15",
      },
      "a moment of lag": {
        'nodejs_eventloop_lag_p99_seconds{job="j"}': "0.011+0x8 0.3 0.011+0x8",
      },
    },
  },
  {
    alert: "EventLoopBlocked",
    at: "4m",
    fires: {
      series: {
        'nodejs_eventloop_lag_max_seconds{job="j"}': "0.02 1.5 0.02 0.02 0.02",
      },
      labels: { job: "j" },
      summary: "The event loop of j stood still for 1.5s",
    },
    quiet: {
      "a short pause": {
        'nodejs_eventloop_lag_max_seconds{job="j"}': "0.02 0.5 0.02 0.02 0.02",
      },
    },
  },
  burn("server", "Fast"),
  burn("server", "Slowly"),
  slow("server"),
  stuck("server"),
  burn("client", "Fast"),
  burn("client", "Slowly"),
  slow("client"),
  stuck("client"),
  {
    alert: "CallsShed",
    at: "8m",
    fires: {
      series: { 'service_calls_shed_total{job="j"}': "0+6x10" },
      labels: { job: "j" },
      summary: "j turns calls away",
    },
    quiet: {
      "none of late": { 'service_calls_shed_total{job="j"}': "3+0x10" },
    },
  },
  {
    alert: "HeartbeatLate",
    at: "2m",
    fires: {
      series: {
        'heartbeat_services{job="edge", state="late"}': "1+0x5",
        ...beats,
      },
      labels: { state: "late" },
      summary: "1 services are late with their heartbeat",
      description:
        "No beat for two intervals. Longest silent: time for 2m 0s, as of this alert.",
    },
    quiet: {
      "all alive": { 'heartbeat_services{job="edge", state="late"}': "0+0x5" },
    },
  },
  {
    alert: "HeartbeatDown",
    at: "2m",
    fires: {
      series: {
        'heartbeat_services{job="edge", state="down"}': "2+0x5",
        ...beats,
      },
      labels: { state: "down" },
      summary: "2 services send no heartbeat",
      description:
        "No beat for four intervals: the service's workers are gone or cannot reach edge. Longest silent: time for 2m 0s, as of this alert.",
    },
    quiet: {
      "all alive": { 'heartbeat_services{job="edge", state="down"}': "0+0x5" },
    },
  },
  {
    alert: "HeartbeatsUnknown",
    at: "5m",
    fires: {
      series: up({ edge: "1+0x10" }),
      labels: { job: "edge", instance: "i" },
      summary: "edge cannot tell who is alive",
    },
    quiet: {
      "a database that answers": {
        ...up({ edge: "1+0x10" }),
        'heartbeat_services{job="edge", state="alive"}': "3+0x10",
      },
      "an edge that is down itself": up({ edge: "0+0x10" }),
    },
  },
  {
    alert: "JobFails",
    at: "10m",
    fires: {
      series: { ...runs("failure", "0+6x20"), ...runs("success", "9+0x20") },
      labels: jobLabels,
      summary: "n of w only fails",
    },
    quiet: {
      "a failure among successes": {
        ...runs("failure", "0+1x20"),
        ...runs("success", "0+6x20"),
      },
      "no run at all": runs("failure", "3+0x20"),
    },
  },
  {
    alert: "JobOverdue",
    at: "10m",
    fires: {
      series: {
        'agenda_job_last_success_timestamp_seconds{job="w", job_name="send-heartbeat"}':
          "10+0x20",
      },
      labels: { job: "w", job_name: "send-heartbeat" },
      summary: "send-heartbeat of w last succeeded 9m 50s ago",
    },
    quiet: {
      "runs in time": {
        'agenda_job_last_success_timestamp_seconds{job="w", job_name="send-heartbeat"}':
          "10+60x20",
      },
      "an hourly job": {
        'agenda_job_last_success_timestamp_seconds{job="w", job_name="prune-heartbeats"}':
          "10+0x20",
      },
    },
  },
  {
    alert: "JobStartsLate",
    at: "15m",
    fires: {
      series: {
        'agenda_job_start_delay_seconds_bucket{job="w", job_name="n", le="10"}':
          "0+0x20",
        'agenda_job_start_delay_seconds_bucket{job="w", job_name="n", le="30"}':
          "0+6x20",
        'agenda_job_start_delay_seconds_bucket{job="w", job_name="n", le="+Inf"}':
          "0+6x20",
      },
      labels: jobLabels,
      summary: "n of w begins 29s late",
    },
    quiet: {
      "runs in time": {
        'agenda_job_start_delay_seconds_bucket{job="w", job_name="n", le="10"}':
          "0+6x20",
        'agenda_job_start_delay_seconds_bucket{job="w", job_name="n", le="+Inf"}':
          "0+6x20",
      },
    },
  },
  {
    alert: "JobRunsLost",
    at: "6m",
    fires: {
      series: runs("lost", "0 0 1 1 1 1 1 1"),
      labels: jobLabels,
      summary: "Runs of n of w began and never ended",
    },
    quiet: { "runs that end": runs("failure", "0+1x20") },
  },
];
