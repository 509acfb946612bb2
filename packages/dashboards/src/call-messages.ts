import { createCallQueries } from "./call-queries.js";
import { sideWords } from "./call-words.js";
import type { RowSpec } from "./panel-spec.js";
import type { Side, Vocabulary } from "./vocabulary.js";

/** The row about messages, streams and what is in flight. */
export function createMessages(side: Side, vocabulary: Vocabulary): RowSpec {
  const query = createCallQueries({ side, vocabulary });
  const { streams } = query;
  return {
    title: "Messages and streams",
    panels: [
      {
        kind: "time series",
        title: "Stream operations",
        description: `Messages of streams per second: sent ${sideWords[side].sent}, and received. Unary calls are not in it.`,
        unit: "ops",
        queries: [
          {
            expr: query.rateOrZero("msg_sent_total", streams),
            legend: "sent",
          },
          {
            expr: query.rateOrZero("msg_received_total", streams),
            legend: "received",
          },
        ],
        width: 8,
        min: 0,
      },
      {
        kind: "pie",
        title: "RPC type distribution",
        description:
          "The calls of the time range by type: unary, client stream, server stream, bidi stream.",
        unit: "short",
        queries: [
          {
            expr: `sum by (grpc_type) (increase(${query.select("started_total")}[$__range]))`,
            legend: "{{grpc_type}}",
            instant: true,
          },
        ],
        width: 8,
        decimals: 0,
      },
      {
        kind: "time series",
        title: "Messages per call",
        description:
          "Mean number of messages each way, by method. 1 for unary calls; a failed one sends no answer.",
        unit: "short",
        queries: (["received", "sent"] as const).map((way) => ({
          expr: `${query.rate(`msg_${way}_total`, "grpc_method")} / (${query.rate("started_total", "grpc_method")} > 0)`,
          legend: `{{grpc_method}} ${way}`,
        })),
        width: 8,
        min: 0,
      },
      {
        kind: "time series",
        title: "In flight by method",
        description:
          "Calls that have begun and not ended. Streams may stay for hours; unary calls that stay are stuck.",
        unit: "short",
        queries: [
          {
            expr: `sum by (grpc_method, grpc_type) (${query.select("in_flight")})`,
            legend: "{{grpc_method}} ({{grpc_type}})",
          },
        ],
        width: 12,
        min: 0,
      },
      {
        kind: "time series",
        title: "Started and ended",
        description:
          "Calls per second that began and that ended. Where they part, calls pile up or streams stay open.",
        unit: "reqps",
        queries: [
          { expr: query.rate("started_total"), legend: "started" },
          { expr: query.rate("handled_total"), legend: "ended" },
        ],
        width: 12,
        min: 0,
      },
    ],
  };
}
