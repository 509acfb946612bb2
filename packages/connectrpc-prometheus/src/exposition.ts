import type { Metric, Registry, RegistryContentType } from "prom-client";
import type { MethodSeries, SeriesTable } from "./series.js";
import { type LabelSpelling, type StatusCode, spellCode } from "./spelling.js";

/** Which end of the calls is measured. */
export type Side = "server" | "client";

/** One sample in the form that prom-client's registry renders. */
interface Sample {
  value: number;
  labels: Record<string, string | number>;
  metricName?: string;
}

/** Help texts equal to those of go-grpc-middleware's `providers/prometheus`. */
const help = {
  server: {
    started: "Total number of RPCs started on the server.",
    handled:
      "Total number of RPCs completed on the server, regardless of success or failure.",
    received: "Total number of RPC stream messages received on the server.",
    sent: "Total number of gRPC stream messages sent by the server.",
    seconds:
      "Histogram of response latency (seconds) of gRPC that had been application-level handled by the server.",
    inFlight: "Number of RPCs that the server is handling now.",
  },
  client: {
    started: "Total number of RPCs started on the client.",
    handled:
      "Total number of RPCs completed by the client, regardless of success or failure.",
    received: "Total number of RPC stream messages received by the client.",
    sent: "Total number of gRPC stream messages sent by the client.",
    seconds:
      "Histogram of response latency (seconds) of the gRPC until it is finished by the application.",
    inFlight: "Number of RPCs that the client is waiting for now.",
  },
} as const;

/** What {@link registerSeries} needs to know to present the numbers. */
export interface ExpositionOptions {
  registry: Registry<RegistryContentType>;
  side: Side;
  table: SeriesTable;
  spelling: LabelSpelling;
  /** Bounds of the histogram, `undefined` to leave it out. */
  bounds: readonly number[] | undefined;
}

/**
 * Registers the metrics. Throws, as prom-client does, if the registry has
 * metrics of these names already.
 */
export function registerSeries(options: ExpositionOptions): void {
  const { side, table, spelling, bounds } = options;
  const text = help[side];
  const each =
    (value: (series: MethodSeries) => number) => (series: MethodSeries) => [
      { labels: { ...series.labels }, value: value(series) },
    ];
  const register = (
    type: "counter" | "gauge" | "histogram",
    suffix: string,
    helpText: string,
    samples: (series: MethodSeries, name: string) => Sample[],
  ) => {
    const name = `grpc_${side}_${suffix}`;
    const metric = {
      // Writable: an OpenMetrics registry cuts `_total` from a counter's name.
      name,
      help: helpText,
      type,
      aggregator: "sum",
      async get() {
        const values = [...table].flatMap((s) => samples(s, name));
        return {
          name: metric.name,
          help: helpText,
          type,
          aggregator: "sum",
          values,
        };
      },
      // Counters that go back would be read as a restart; whoever resets a
      // registry in a test makes a new one.
      reset() {},
    };
    // prom-client's types list its own classes; its registry asks for no more
    // than the fields above.
    options.registry.registerMetric(metric as unknown as Metric);
  };

  register(
    "counter",
    "started_total",
    text.started,
    each((s) => s.started),
  );
  register("counter", "handled_total", text.handled, (series) =>
    handledSamples(series, spelling),
  );
  register(
    "counter",
    "msg_received_total",
    text.received,
    each((s) => s.received),
  );
  register(
    "counter",
    "msg_sent_total",
    text.sent,
    each((s) => s.sent),
  );
  register(
    "gauge",
    "in_flight",
    text.inFlight,
    each((s) => s.inFlight),
  );
  if (bounds !== undefined) {
    register("histogram", "handling_seconds", text.seconds, (series, name) =>
      histogramSamples(series, name, bounds),
    );
  }
}

function handledSamples(
  series: MethodSeries,
  spelling: LabelSpelling,
): Sample[] {
  const samples: Sample[] = [];
  series.handled.forEach((value, code) => {
    if (value > 0) {
      // The array's indices are the status codes.
      const grpc_code = spellCode(code as StatusCode, spelling);
      samples.push({ labels: { ...series.labels, grpc_code }, value });
    }
  });
  return samples;
}

function histogramSamples(
  series: MethodSeries,
  name: string,
  bounds: readonly number[],
): Sample[] {
  const samples: Sample[] = [];
  let count = 0;
  series.buckets.forEach((inBucket, i) => {
    count += inBucket;
    samples.push({
      metricName: `${name}_bucket`,
      labels: { le: bounds[i] ?? "+Inf", ...series.labels },
      value: count,
    });
  });
  const labels = { ...series.labels };
  samples.push({ metricName: `${name}_sum`, labels, value: series.sum });
  samples.push({ metricName: `${name}_count`, labels, value: count });
  return samples;
}
