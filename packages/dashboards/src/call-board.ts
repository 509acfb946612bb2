import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { createBoard } from "./board.js";
import { createCallRows } from "./call-rows.js";
import {
  createChoice,
  createDatasourceChoice,
  createStepChoice,
} from "./variables.js";
import { createVocabulary, type LabelPreset, type Side } from "./vocabulary.js";

/** What a board about calls may be told. */
export interface CallBoardOptions extends LabelPreset {
  /** The scrape interval of the Prometheus. By default, `"15s"`. */
  scrapeInterval?: string;
}

/**
 * Creates the board about what servers did: for any service with the server
 * metrics of connectrpc-prometheus, or of another library with its names.
 */
export function createServerBoard(options: CallBoardOptions = {}): Dashboard {
  return createCallBoard("server", {
    ...options,
    uid: "grpc-server-side",
    title: "Server side",
    description:
      "What the servers did: calls by method and status code, latency, streams, what is in flight.",
  });
}

/**
 * Creates the board about what clients asked for and felt: for any process
 * with the client metrics of connectrpc-prometheus.
 */
export function createClientBoard(options: CallBoardOptions = {}): Dashboard {
  return createCallBoard("client", {
    ...options,
    uid: "grpc-client-side",
    title: "Client side",
    description:
      "What the callers asked for and felt: calls by method and status code, latency, streams, what is in flight.",
  });
}

function createCallBoard(
  side: Side,
  options: CallBoardOptions & {
    uid: string;
    title: string;
    description: string;
  },
): Dashboard {
  const { uid, title, description, scrapeInterval = "15s" } = options;
  const vocabulary = createVocabulary(options);
  const started = vocabulary.metric(side, "started_total");
  const shown =
    vocabulary.hidden === "" ? "" : `, grpc_service!~"${vocabulary.hidden}"`;
  const spec = {
    uid,
    title,
    description,
    variables: [
      createDatasourceChoice(),
      createChoice("job", {
        label: "Job",
        description: "The process, as Prometheus names what it scrapes",
        series: started,
      }),
      createChoice("service", {
        label: "Service",
        description: "The gRPC service",
        series: `${started}{job=~"$job"${shown}}`,
        from: "grpc_service",
      }),
      createChoice("method", {
        label: "Method",
        description: "The method of the service",
        series: `${started}{job=~"$job", grpc_service=~"$service"${shown}}`,
        from: "grpc_method",
      }),
      createStepChoice(scrapeInterval),
    ],
    rows: createCallRows(side, vocabulary),
  };
  return createBoard(spec, vocabulary);
}
