import { createCallQueries } from "./call-queries.js";
import type { RowSpec } from "./panel-spec.js";
import type { Side, Vocabulary } from "./vocabulary.js";

/** The row about how long unary calls take. Streams last as long as they last. */
export function createLatency(side: Side, vocabulary: Vocabulary): RowSpec {
  const query = createCallQueries({ side, vocabulary });
  const quantiles = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];
  const seconds = (more: string) =>
    query.rate("handling_seconds_bucket", "", more);
  const count = query.rate("handling_seconds_count", "", query.unary);
  return {
    title: "Latency of unary calls",
    panels: [
      {
        kind: "time series",
        title: "Latency p95 by service",
        description: "95 of 100 unary calls took no longer, by gRPC service.",
        unit: "s",
        queries: [
          {
            expr: query.quantile(0.95, "grpc_service"),
            legend: "{{grpc_service}}",
          },
        ],
        width: 8,
        min: 0,
      },
      {
        kind: "time series",
        title: "Latency p95 by method",
        description: "95 of 100 unary calls took no longer, by method.",
        unit: "s",
        queries: [
          {
            expr: query.quantile(0.95, "grpc_method"),
            legend: "{{grpc_method}}",
          },
        ],
        width: 8,
        min: 0,
      },
      {
        kind: "time series",
        title: "Latency distribution",
        description:
          "From p10, which one call in ten beats, to p99, which one in a hundred exceeds.",
        unit: "s",
        queries: quantiles.map((quantile) => ({
          expr: query.quantile(quantile),
          legend: `p${quantile * 100}`,
        })),
        width: 8,
        min: 0,
      },
      {
        kind: "heatmap",
        title: "Latency heatmap",
        description:
          "How many unary calls fell into each bucket. Two bands mean two kinds of calls that a percentile would blur.",
        unit: "s",
        queries: [
          {
            expr: query.rate("handling_seconds_bucket", "le", query.unary),
            legend: "{{le}}",
          },
        ],
        width: 16,
      },
      {
        kind: "time series",
        title: "Slower than 250 ms",
        description:
          "Share of unary calls that took longer than a quarter of a second. Exact, because 0.25 is a bucket.",
        unit: "percentunit",
        queries: [
          {
            expr: `1 - ${seconds(`${query.unary}, le="0.25"`)} / (${count} > 0)`,
            legend: "slower than 250 ms",
          },
        ],
        width: 8,
        min: 0,
      },
    ],
  };
}
