import { createCallQueries } from "./call-queries.js";
import { sideWords } from "./call-words.js";
import type { QuerySpec, RowSpec } from "./panel-spec.js";
import type { Side, Vocabulary } from "./vocabulary.js";

/** The row about how calls end. */
export function createStatus(side: Side, vocabulary: Vocabulary): RowSpec {
  const query = createCallQueries({ side, vocabulary });
  const byCode = query.rate("handled_total", "grpc_code");
  const classes = (["OK", "Client error", "Server error"] as const).map(
    (name): QuerySpec => ({ expr: query.classRate(name), legend: name }),
  );
  const errors = `grpc_code!="${vocabulary.ok}"`;
  return {
    title: "Status",
    panels: [
      {
        kind: "time series",
        title: "Status",
        description: `Ended ${sideWords[side].calls} per second by whose fault the end was. Every code is in one of the three.`,
        unit: "reqps",
        queries: classes,
        width: 12,
        stacked: true,
        colors: "classes",
        min: 0,
      },
      {
        kind: "time series",
        title: "Status distribution by code",
        description:
          "Ended calls per second by status code. A code has the same colour on every board.",
        unit: "reqps",
        queries: [{ expr: byCode, legend: "{{grpc_code}}" }],
        width: 12,
        stacked: true,
        colors: "codes",
        min: 0,
      },
      {
        kind: "time series",
        title: "Errors by method and code",
        description:
          "Calls per second that ended with anything but OK, or a line at 0.",
        unit: "reqps",
        queries: [
          {
            expr: query.ratesOrNone(
              "handled_total",
              "grpc_method, grpc_code",
              errors,
            ),
            legend: "{{grpc_method}} {{grpc_code}}",
          },
        ],
        width: 12,
        colors: "codes",
        min: 0,
      },
      {
        kind: "pie",
        title: "Codes in the range shown",
        description: "How all calls of the time range ended, by code.",
        unit: "short",
        queries: [
          {
            expr: `sum by (grpc_code) (increase(${query.select("handled_total")}[$__range]))`,
            legend: "{{grpc_code}}",
            instant: true,
          },
        ],
        width: 12,
        colors: "codes",
        decimals: 0,
      },
    ],
  };
}
