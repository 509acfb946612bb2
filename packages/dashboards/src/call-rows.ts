import { createGlance } from "./call-glance.js";
import { createLatency } from "./call-latency.js";
import { createMessages } from "./call-messages.js";
import { createStatus } from "./call-status.js";
import { createTraffic } from "./call-traffic.js";
import type { RowSpec } from "./panel-spec.js";
import type { Side, Vocabulary } from "./vocabulary.js";

/** The rows of a board about the calls of one side. */
export function createCallRows(side: Side, vocabulary: Vocabulary): RowSpec[] {
  return [
    createGlance(side, vocabulary),
    createStatus(side, vocabulary),
    createTraffic(side, vocabulary),
    createLatency(side, vocabulary),
    createMessages(side, vocabulary),
    // Clients call what they are written to call: nothing is left out there.
    ...(side === "server" && vocabulary.hidden !== ""
      ? [createLeftOut(vocabulary)]
      : []),
  ];
}

/** Shows what the other rows leave out, so that nothing is out of sight. */
function createLeftOut(vocabulary: Vocabulary): RowSpec {
  const handled = vocabulary.metric("server", "handled_total");
  return {
    title: "Left out above: health, reflection and console",
    collapsed: true,
    panels: [
      {
        kind: "time series",
        title: "Calls left out, by method and code",
        description:
          "Calls per second to the services that the other panels leave out, because probes would drown what people ask for.",
        unit: "reqps",
        queries: [
          {
            expr: `sum by (grpc_method, grpc_code) (rate(${handled}{job=~"$job", grpc_service=~"${vocabulary.hidden}"}[$__rate_interval]))`,
            legend: "{{grpc_method}} {{grpc_code}}",
          },
        ],
        width: 24,
        colors: "codes",
        min: 0,
      },
    ],
  };
}
