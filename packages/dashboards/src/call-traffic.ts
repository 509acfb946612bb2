import { createCallQueries } from "./call-queries.js";
import { sideWords } from "./call-words.js";
import type { RowSpec } from "./panel-spec.js";
import type { Side, Vocabulary } from "./vocabulary.js";

/** The row about how many calls there are, and where they go. */
export function createTraffic(side: Side, vocabulary: Vocabulary): RowSpec {
  const query = createCallQueries({ side, vocabulary });
  return {
    title: "Traffic",
    panels: [
      {
        kind: "time series",
        title: "RPS by service",
        description: `Started ${sideWords[side].calls} per second by gRPC service.`,
        unit: "reqps",
        queries: [
          {
            expr: query.rate("started_total", "grpc_service"),
            legend: "{{grpc_service}}",
          },
        ],
        width: 8,
        min: 0,
      },
      {
        kind: "time series",
        title: "RPS by method",
        description: `Started ${sideWords[side].calls} per second by method.`,
        unit: "reqps",
        queries: [
          {
            expr: query.rate("started_total", "grpc_method"),
            legend: "{{grpc_method}}",
          },
        ],
        width: 8,
        min: 0,
      },
      {
        kind: "pie",
        title: "Request distribution by service",
        description: "Which services the calls of the time range went to.",
        unit: "short",
        queries: [
          {
            expr: `sum by (grpc_service) (increase(${query.select("started_total")}[$__range]))`,
            legend: "{{grpc_service}}",
            instant: true,
          },
        ],
        width: 8,
        decimals: 0,
      },
    ],
  };
}
