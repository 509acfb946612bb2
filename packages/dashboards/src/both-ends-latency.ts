import { createCallQueries } from "./call-queries.js";
import type { RowSpec } from "./panel-spec.js";
import type { Vocabulary } from "./vocabulary.js";

/** The row about what lies between the two ends of a unary call. */
export function createLatencyGap(vocabulary: Vocabulary): RowSpec {
  const server = createCallQueries({ side: "server", vocabulary });
  const client = createCallQueries({
    side: "client",
    vocabulary,
    jobVariable: "client",
  });
  const by = "grpc_service, grpc_method";
  const mean = (side: typeof server) =>
    `${side.rate("handling_seconds_sum", by, side.unary)} / (${side.rate("handling_seconds_count", by, side.unary)} > 0)`;
  const gap = `(${mean(client)}) - (${mean(server)})`;
  return {
    title: "Latency of unary calls, client less server",
    panels: [
      {
        kind: "time series",
        title: "Client minus server, mean",
        description:
          "What a call takes outside of its handler: network, queues, connecting, serializing. It holds where all callers of the method are observed; calls from elsewhere shift the server's mean, and the difference with it.",
        unit: "s",
        queries: [{ expr: gap, legend: "{{grpc_method}}" }],
        width: 12,
      },
      {
        kind: "time series",
        title: "Share of the client's time outside of the handler",
        description:
          "The same as a share of what the client waits. Near 1 the handler is not what to make faster.",
        unit: "percentunit",
        queries: [
          { expr: `(${gap}) / (${mean(client)})`, legend: "{{grpc_method}}" },
        ],
        width: 12,
        max: 1,
      },
      {
        kind: "time series",
        title: "p95 at both ends",
        description:
          "95 of 100 unary calls took no longer, as the client felt it and as the server reckons it.",
        unit: "s",
        queries: [
          {
            expr: client.quantile(0.95, by),
            legend: "client {{grpc_method}}",
          },
          {
            expr: server.quantile(0.95, by),
            legend: "server {{grpc_method}}",
          },
        ],
        width: 12,
        min: 0,
      },
      {
        kind: "time series",
        title: "Calls at both ends",
        description:
          "Calls per second that clients started and that servers started. Servers count callers that are not observed, too; clients count calls that never arrived.",
        unit: "reqps",
        queries: [
          {
            expr: client.rate("started_total", by),
            legend: "client {{grpc_method}}",
          },
          {
            expr: server.rate("started_total", by),
            legend: "server {{grpc_method}}",
          },
        ],
        width: 12,
        min: 0,
      },
    ],
  };
}
