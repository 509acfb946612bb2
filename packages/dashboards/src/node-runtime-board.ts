import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { createBoard } from "./board.js";
import { createEventLoop, createMemory } from "./node-rows.js";
import { createLimits, createProcesses } from "./process-row.js";
import {
  createChoice,
  createDatasourceChoice,
  createStepChoice,
} from "./variables.js";
import { createVocabulary } from "./vocabulary.js";

/** Creates the board about the processes: Node, its event loop, its memory. */
export function createNodeRuntimeBoard(
  options: { scrapeInterval?: string } = {},
): Dashboard {
  const { scrapeInterval = "15s" } = options;
  return createBoard(
    {
      uid: "node-runtime",
      title: "Node runtime",
      description:
        "The processes themselves: what runs, CPU, event loop, memory, and what Prometheus has of it.",
      variables: [
        createDatasourceChoice(),
        createChoice("job", {
          label: "Job",
          description: "The process, as Prometheus names what it scrapes",
          series: "nodejs_version_info",
        }),
        createStepChoice(scrapeInterval),
      ],
      rows: [
        createProcesses(),
        createEventLoop(),
        createMemory(),
        createLimits(),
      ],
    },
    createVocabulary(),
  );
}
