import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { createBoard } from "./board.js";
import { createHeartbeats } from "./heartbeat-row.js";
import { createJobRuns, createJobTimes } from "./job-rows.js";
import {
  createChoice,
  createDatasourceChoice,
  createStepChoice,
} from "./variables.js";
import { createVocabulary } from "./vocabulary.js";

/** Creates the board about heartbeats and the jobs of the workers. */
export function createHeartbeatsAndJobsBoard(
  options: { scrapeInterval?: string } = {},
): Dashboard {
  const { scrapeInterval = "15s" } = options;
  const vocabulary = createVocabulary();
  return createBoard(
    {
      uid: "heartbeats-and-jobs",
      title: "Heartbeats and jobs",
      description:
        "Which services are alive, and whether the jobs of the workers run, end well and in time.",
      variables: [
        createDatasourceChoice(),
        createChoice("service_name", {
          label: "Heartbeat",
          description: "The service that beats",
          series: "heartbeat_last_seen_timestamp_seconds",
        }),
        createChoice("job", {
          label: "Worker",
          description: "The process that runs jobs",
          series: "agenda_job_runs_started_total",
        }),
        createChoice("job_name", {
          label: "Agenda job",
          description: "The name of the job",
          series: 'agenda_job_runs_started_total{job=~"$job"}',
        }),
        createStepChoice(scrapeInterval),
      ],
      rows: [createHeartbeats(), createJobRuns(), createJobTimes()],
    },
    vocabulary,
  );
}
