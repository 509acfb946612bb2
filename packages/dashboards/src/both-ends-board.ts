import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { createBoard } from "./board.js";
import { createAgreement } from "./both-ends-agreement.js";
import { createBudget } from "./both-ends-budget.js";
import { createLatencyGap } from "./both-ends-latency.js";
import type { CallBoardOptions } from "./call-board.js";
import {
  createChoice,
  createDatasourceChoice,
  createStepChoice,
} from "./variables.js";
import { createVocabulary } from "./vocabulary.js";

/**
 * Creates the board that holds the two ends of the same calls against each
 * other: what the network and the queues add, where the codes differ, what
 * began and never ended.
 */
export function createBothEndsBoard(options: CallBoardOptions = {}): Dashboard {
  const { scrapeInterval = "15s" } = options;
  const vocabulary = createVocabulary(options);
  const started = (side: "server" | "client", more: string) =>
    `${vocabulary.metric(side, "started_total")}{${more}}`;
  const shown =
    vocabulary.hidden === "" ? "" : `, grpc_service!~"${vocabulary.hidden}"`;
  return createBoard(
    {
      uid: "grpc-both-ends",
      title: "Both ends",
      description:
        "The same calls seen by who asked and by who answered. Methods that only one side counts have no difference: choose methods that both know.",
      variables: [
        createDatasourceChoice(),
        createChoice("job", {
          label: "Server job",
          description: "The process that answers",
          series: vocabulary.metric("server", "started_total"),
        }),
        createChoice("client", {
          label: "Client job",
          description: "The process that calls",
          series: vocabulary.metric("client", "started_total"),
          from: "job",
        }),
        createChoice("service", {
          label: "Service",
          description: "The gRPC service",
          series: started("client", `job=~"$client"${shown}`),
          from: "grpc_service",
        }),
        createChoice("method", {
          label: "Method",
          description: "The method of the service",
          series: started(
            "client",
            `job=~"$client", grpc_service=~"$service"${shown}`,
          ),
          from: "grpc_method",
        }),
        createStepChoice(scrapeInterval),
      ],
      rows: [
        createLatencyGap(vocabulary),
        createAgreement(vocabulary),
        createBudget(),
      ],
    },
    vocabulary,
  );
}
