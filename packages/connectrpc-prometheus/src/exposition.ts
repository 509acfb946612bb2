import type { Metric } from "prom-client";
import type { Exemplar, Histogram } from "./histogram.js";
import type { Settings } from "./options.js";
import type { Series, SeriesTable } from "./series.js";
import { type LabelSpelling, type StatusCode, spellCode } from "./spelling.js";

/** Which end of the calls is measured. */
export type Side = "server" | "client";

/** One sample in the form that prom-client's registry renders. */
interface Sample {
  value: number;
  labels: Record<string, string | number>;
  metricName?: string;
  exemplar?: Exemplar | undefined;
}

/**
 * Help texts, those that go-grpc-middleware's `providers/prometheus` has too
 * equal to its.
 */
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
    receivedBytes:
      "Histogram of the size (bytes) of messages received on the server, uncompressed.",
    sentBytes:
      "Histogram of the size (bytes) of messages sent by the server, uncompressed.",
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
    receivedBytes:
      "Histogram of the size (bytes) of messages received by the client, uncompressed.",
    sentBytes:
      "Histogram of the size (bytes) of messages sent by the client, uncompressed.",
  },
} as const;

/**
 * Registers the metrics of a table. Throws an Error, as prom-client does, if
 * the registry has metrics of these names already.
 */
export function registerSeries(
  side: Side,
  table: SeriesTable,
  settings: Settings,
): void {
  const text = help[side];
  const { spelling, bounds, sizeBounds } = settings;
  const single =
    (value: (series: Series) => number) =>
    (series: Series): Sample[] => [
      { labels: { ...series.labels }, value: value(series) },
    ];
  const register = (
    type: "counter" | "gauge" | "histogram",
    suffix: string,
    helpText: string,
    samples: (series: Series, name: string) => Sample[],
  ) => {
    const name = `${settings.prefix}grpc_${side}_${suffix}`;
    const metric = {
      // Writable: an OpenMetrics registry cuts `_total` from a counter's name.
      name,
      help: helpText,
      type,
      aggregator: "sum",
      async get() {
        const values: Sample[] = [];
        for (const series of table) {
          values.push(...samples(series, name));
        }
        return {
          name: metric.name,
          help: helpText,
          type,
          values,
          aggregator: "sum",
        };
      },
      // A counter that goes back would be read as a restart; whoever wants a
      // clean registry makes a new one.
      reset() {},
    };
    // prom-client's type lists its own classes; its registry asks for no more
    // than the fields above.
    settings.registry.registerMetric(metric as unknown as Metric);
  };

  register(
    "counter",
    "started_total",
    text.started,
    single((s) => s.started),
  );
  register("counter", "handled_total", text.handled, (series) =>
    handledSamples(series, spelling),
  );
  const { received, sent } = text;
  register(
    "counter",
    "msg_received_total",
    received,
    single((s) => s.received),
  );
  register(
    "counter",
    "msg_sent_total",
    sent,
    single((s) => s.sent),
  );
  register(
    "gauge",
    "in_flight",
    text.inFlight,
    single((s) => s.inFlight),
  );
  if (bounds !== undefined) {
    register("histogram", "handling_seconds", text.seconds, (series, name) =>
      series.durations.flatMap((histogram, index) =>
        histogramSamples(name, histogram, {
          ...series.labels,
          ...durationLabel(index, settings),
        }),
      ),
    );
  }
  if (sizeBounds !== undefined) {
    const { receivedBytes, sentBytes } = text;
    register("histogram", "msg_received_bytes", receivedBytes, (series, name) =>
      histogramSamples(name, series.receivedBytes, series.labels),
    );
    register("histogram", "msg_sent_bytes", sentBytes, (series, name) =>
      histogramSamples(name, series.sentBytes, series.labels),
    );
  }
}

function handledSamples(series: Series, spelling: LabelSpelling): Sample[] {
  const samples: Sample[] = [];
  series.handled.forEach((value, code) => {
    if (value > 0 || series.showZeros) {
      // The array's indices are the status codes.
      const grpc_code = spellCode(code as StatusCode, spelling);
      samples.push({ labels: { ...series.labels, grpc_code }, value });
    }
  });
  return samples;
}

/** The label that tells the histograms of one series apart. */
function durationLabel(
  index: number,
  { bucketLabel, spelling }: Settings,
): Record<string, string> {
  switch (bucketLabel) {
    case undefined:
      return {};
    case "code":
      // The array's indices are the status codes.
      return { grpc_code: spellCode(index as StatusCode, spelling) };
    case "outcome":
      return { grpc_outcome: index === 0 ? "success" : "failure" };
  }
}

function histogramSamples(
  name: string,
  histogram: Histogram | undefined,
  labels: Readonly<Record<string, string>>,
): Sample[] {
  if (histogram === undefined) {
    return [];
  }
  const { bounds, counts, exemplars, sum } = histogram;
  const samples: Sample[] = [];
  let count = 0;
  counts.forEach((inBucket, i) => {
    count += inBucket;
    samples.push({
      metricName: `${name}_bucket`,
      labels: { le: bounds[i] ?? "+Inf", ...labels },
      value: count,
      exemplar: exemplars?.[i],
    });
  });
  samples.push({ metricName: `${name}_sum`, labels, value: sum });
  samples.push({ metricName: `${name}_count`, labels, value: count });
  return samples;
}
