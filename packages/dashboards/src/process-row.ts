import type { RowSpec } from "./panel-spec.js";

const chosen = 'job=~"$job"';

/** The row about what runs, since when, and what it costs. */
export function createProcesses(): RowSpec {
  return {
    title: "Processes",
    panels: [
      {
        kind: "table",
        title: "Versions",
        description: "Which version of the service runs on which Node.",
        unit: "short",
        queries: [
          {
            expr: `count by (job, version, node_version) (service_build_info{${chosen}})`,
            legend: "{{job}}",
            instant: true,
          },
        ],
        width: 8,
      },
      {
        kind: "time series",
        title: "Uptime",
        description: "Time since each process began. A fall to 0 is a restart.",
        unit: "s",
        queries: [
          {
            expr: `time() - process_start_time_seconds{${chosen}}`,
            legend: "{{job}} {{instance}}",
          },
        ],
        width: 8,
        min: 0,
      },
      {
        kind: "time series",
        title: "CPU",
        description:
          "Processor seconds per second. JavaScript runs on one thread: near 1 a process is full, the collector's threads may add to it.",
        unit: "percentunit",
        queries: [
          {
            expr: `rate(process_cpu_seconds_total{${chosen}}[$__rate_interval])`,
            legend: "{{job}} {{instance}}",
          },
        ],
        width: 8,
        min: 0,
      },
      {
        kind: "time series",
        title: "Scrape duration",
        description:
          "How long Prometheus waited for the metrics of each process. It blocks the event loop while it renders.",
        unit: "s",
        queries: [
          {
            expr: `scrape_duration_seconds{${chosen}}`,
            legend: "{{job}} {{instance}}",
          },
        ],
        width: 12,
        min: 0,
      },
      {
        kind: "time series",
        title: "Series per process",
        description:
          "Samples in each scrape. A line that only rises is a label with too many values.",
        unit: "short",
        queries: [
          {
            expr: `scrape_samples_scraped{${chosen}}`,
            legend: "{{job}} {{instance}}",
          },
        ],
        width: 12,
        min: 0,
      },
    ],
  };
}

/** The row about limits that hold. Every one that is reached is a refusal. */
export function createLimits(): RowSpec {
  return {
    title: "Limits",
    panels: [
      {
        kind: "time series",
        title: "Calls turned away",
        description:
          "Calls per second that a server shed because it had as many in flight as it may. Callers see Unavailable.",
        unit: "reqps",
        queries: [
          {
            expr: `sum by (job) (rate(service_calls_shed_total{${chosen}}[$__rate_interval]))`,
            legend: "{{job}}",
          },
        ],
        width: 8,
        min: 0,
      },
      {
        kind: "time series",
        title: "Open connections",
        description:
          "Connections of each server, on its web port and its gRPC alias. MAX_CONNECTIONS is their limit.",
        unit: "short",
        queries: [
          {
            expr: `service_connections{${chosen}}`,
            legend: "{{job}} {{instance}}",
          },
        ],
        width: 8,
        min: 0,
      },
      {
        kind: "time series",
        title: "Limits reached",
        description:
          "Connections and requests per second that a limit refused or cut, by the variable that sets it. IDLE_TIMEOUT_MS is ordinary, the others are not.",
        unit: "ops",
        queries: [
          {
            expr: `sum by (job, limit) (rate(service_limits_reached_total{${chosen}}[$__rate_interval]))`,
            legend: "{{job}} {{limit}}",
          },
        ],
        width: 8,
        min: 0,
      },
    ],
  };
}
