import { type CallQueries, createCallQueries } from "./call-queries.js";
import type { RowSpec } from "./panel-spec.js";
import type { Vocabulary } from "./vocabulary.js";

/** The row about whether the two ends tell the same of a call. */
export function createAgreement(vocabulary: Vocabulary): RowSpec {
  const server = createCallQueries({ side: "server", vocabulary });
  const client = createCallQueries({
    side: "client",
    vocabulary,
    jobVariable: "client",
  });
  const byCode = (side: CallQueries) => side.rate("handled_total", "grpc_code");
  const open = (side: CallQueries) => {
    const by = "sum by (grpc_service, grpc_method)";
    const started = `${by} (${side.select("started_total")})`;
    const ended = `${by} (${side.select("handled_total")})`;
    return `${started} - (${ended} or 0 * ${started})`;
  };
  const leak = (side: CallQueries) =>
    `(${open(side)}) - sum by (grpc_service, grpc_method) (${side.select("in_flight")})`;
  return {
    title: "Do both ends agree?",
    panels: [
      {
        kind: "time series",
        title: "Codes that clients got",
        description: "Ended calls per second by the code that the client saw.",
        unit: "reqps",
        queries: [{ expr: byCode(client), legend: "{{grpc_code}}" }],
        width: 8,
        stacked: true,
        colors: "codes",
        min: 0,
      },
      {
        kind: "time series",
        title: "Codes that servers gave",
        description: "Ended calls per second by the code that the server sent.",
        unit: "reqps",
        queries: [{ expr: byCode(server), legend: "{{grpc_code}}" }],
        width: 8,
        stacked: true,
        colors: "codes",
        min: 0,
      },
      {
        kind: "time series",
        title: "Client minus server, by code",
        description:
          "Above 0: only clients saw this code, for example Unavailable of a server that is away, or DeadlineExceeded of one that answered too late. Below 0: callers that are not observed.",
        unit: "reqps",
        queries: [
          {
            expr: `(${byCode(client)} or 0 * ${byCode(server)}) - (${byCode(server)} or 0 * ${byCode(client)})`,
            legend: "{{grpc_code}}",
          },
        ],
        width: 8,
        colors: "codes",
      },
      {
        kind: "time series",
        title: "Started minus handled",
        description:
          "Calls that have begun and not ended, from the counters. It returns to 0 for unary calls; a line that only rises is a leak.",
        unit: "short",
        queries: [
          { expr: open(client), legend: "client {{grpc_method}}" },
          { expr: open(server), legend: "server {{grpc_method}}" },
        ],
        width: 12,
        min: 0,
      },
      {
        kind: "time series",
        title: "Started minus handled minus in flight",
        description:
          "Always 0: every call that began either ended or is in flight. Anything else is a defect of the metrics.",
        unit: "short",
        queries: [
          { expr: leak(client), legend: "client {{grpc_method}}" },
          { expr: leak(server), legend: "server {{grpc_method}}" },
        ],
        width: 12,
      },
    ],
  };
}
