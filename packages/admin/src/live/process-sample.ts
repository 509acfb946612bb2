import type { MetricValue } from "./exposition.js";

/** What a process has counted of one method, since it started. */
export interface MethodSample {
  readonly side: "server" | "client";
  readonly type: string;
  readonly service: string;
  readonly method: string;
  started: number;
  readonly handled: Map<string, number>;
  inFlight: number;
  /** Calls that took no longer, by the bucket's bound in seconds. */
  readonly buckets: Map<number, number>;
  seconds: number;
  timed: number;
}

/** What a process says of itself at one moment. */
export interface ProcessSample {
  /** When it was read, in milliseconds of a clock that only goes forward. */
  readonly at: number;
  readonly methods: ReadonlyMap<string, MethodSample>;
  /** In seconds since the epoch. */
  readonly startedAt?: number;
  readonly cpuSeconds?: number;
  readonly memoryBytes?: number;
  readonly eventLoopLagSeconds?: number;
}

const callMetrics = [
  "started_total",
  "handled_total",
  "in_flight",
  "handling_seconds",
] as const;

/** The metrics that a sample is made of; a histogram's also with its suffixes. */
export const sampledMetrics: readonly string[] = [
  ...["server", "client"].flatMap((side) =>
    callMetrics.map((name) => `grpc_${side}_${name}`),
  ),
  "process_start_time_seconds",
  "process_cpu_seconds_total",
  "process_resident_memory_bytes",
  "nodejs_eventloop_lag_p99_seconds",
];

const sampled = new Set([
  ...sampledMetrics,
  ...sampledMetrics
    .filter((name) => name.endsWith("handling_seconds"))
    .flatMap((name) => [`${name}_bucket`, `${name}_sum`, `${name}_count`]),
]);

/** Whether a sample is made of this metric. */
export const isSampled = (name: string): boolean => sampled.has(name);

/** Puts the values of a process together. */
export function toProcessSample(
  values: readonly MetricValue[],
  at: number,
): ProcessSample {
  const methods = new Map<string, MethodSample>();
  const single = new Map<string, number>();
  for (const value of values) {
    const [, side, what] =
      /^grpc_(server|client)_(\w+)$/.exec(value.name) ?? [];
    if ((side === "server" || side === "client") && what !== undefined) {
      add(methodOf(methods, side, value.labels), what, value);
    } else {
      single.set(value.name, value.value);
    }
  }
  return {
    at,
    methods,
    startedAt: single.get("process_start_time_seconds"),
    cpuSeconds: single.get("process_cpu_seconds_total"),
    memoryBytes: single.get("process_resident_memory_bytes"),
    eventLoopLagSeconds: single.get("nodejs_eventloop_lag_p99_seconds"),
  };
}

function methodOf(
  methods: Map<string, MethodSample>,
  side: MethodSample["side"],
  labels: MetricValue["labels"],
): MethodSample {
  const { grpc_type: type = "" } = labels;
  const { grpc_service: service = "", grpc_method: method = "" } = labels;
  const key = `${side} ${service} ${method} ${type}`;
  const found = methods.get(key);
  if (found !== undefined) {
    return found;
  }
  const made: MethodSample = {
    side,
    type,
    service,
    method,
    started: 0,
    handled: new Map(),
    inFlight: 0,
    buckets: new Map(),
    seconds: 0,
    timed: 0,
  };
  methods.set(key, made);
  return made;
}

// Added up, not set: the histogram may be split by a label of its own.
function add(
  sample: MethodSample,
  what: string,
  { labels, value }: MetricValue,
): void {
  const { grpc_code: code = "", le = "" } = labels;
  const bound = le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le);
  switch (what) {
    case "started_total":
      sample.started += value;
      break;
    case "handled_total":
      sample.handled.set(code, (sample.handled.get(code) ?? 0) + value);
      break;
    case "in_flight":
      sample.inFlight += value;
      break;
    case "handling_seconds_bucket":
      sample.buckets.set(bound, (sample.buckets.get(bound) ?? 0) + value);
      break;
    case "handling_seconds_sum":
      sample.seconds += value;
      break;
    case "handling_seconds_count":
      sample.timed += value;
      break;
  }
}
