import type { RowSpec } from "./panel-spec.js";

const chosen = 'job=~"$job", job_name=~"$job_name"';
const window = "$__rate_interval";
const runs = `agenda_job_runs_total{${chosen}}`;

/** The row about how runs of jobs end. */
export function createJobRuns(): RowSpec {
  return {
    title: "Runs of jobs",
    panels: [
      {
        kind: "time series",
        title: "Runs by outcome",
        description:
          "Ended runs per second. A lost run began and never ended: its worker died.",
        unit: "ops",
        queries: [
          {
            expr: `sum by (job_name, outcome) (rate(${runs}[${window}]))`,
            legend: "{{job_name}} {{outcome}}",
          },
        ],
        width: 8,
        min: 0,
      },
      {
        kind: "time series",
        title: "Success of runs",
        description: "Share of ended runs that succeeded, by job.",
        unit: "percentunit",
        queries: [
          {
            expr: `sum by (job_name) (rate(agenda_job_runs_total{${chosen}, outcome="success"}[${window}])) / (sum by (job_name) (rate(${runs}[${window}])) > 0)`,
            legend: "{{job_name}}",
          },
        ],
        width: 8,
        min: 0,
        max: 1,
      },
      {
        kind: "pie",
        title: "Outcomes in the range shown",
        description: "How all runs of the time range ended.",
        unit: "short",
        queries: [
          {
            expr: `sum by (outcome) (increase(agenda_job_runs_total{${chosen}}[$__range]))`,
            legend: "{{outcome}}",
            instant: true,
          },
        ],
        width: 8,
        decimals: 0,
      },
      {
        kind: "time series",
        title: "Since the last success",
        description:
          "How long ago each job last succeeded on each worker. It should not exceed the job's interval by much.",
        unit: "s",
        queries: [
          {
            expr: `time() - max by (job, job_name) (agenda_job_last_success_timestamp_seconds{${chosen}} > 0)`,
            legend: "{{job_name}} on {{job}}",
          },
        ],
        width: 12,
        min: 0,
      },
      {
        kind: "time series",
        title: "Jobs by state",
        description: "The jobs in each worker's database, by state.",
        unit: "short",
        queries: [
          {
            expr: 'max by (job, state) (agenda_jobs{job=~"$job"})',
            legend: "{{state}} of {{job}}",
          },
        ],
        width: 12,
        min: 0,
      },
    ],
  };
}

/** The row about how long runs take, and how late they begin. */
export function createJobTimes(): RowSpec {
  const quantile = (name: string) =>
    `histogram_quantile(0.95, sum by (le, job_name) (rate(${name}_bucket{${chosen}}[${window}])))`;
  return {
    title: "Times of jobs",
    panels: [
      {
        kind: "time series",
        title: "Duration p95",
        description: "95 of 100 runs took no longer, by job.",
        unit: "s",
        queries: [
          {
            expr: quantile("agenda_job_run_duration_seconds"),
            legend: "{{job_name}}",
          },
        ],
        width: 8,
        min: 0,
      },
      {
        kind: "time series",
        title: "Start delay p95",
        description:
          "How late runs began: 95 of 100 were no later. It grows when workers are too few or the database is slow.",
        unit: "s",
        queries: [
          {
            expr: quantile("agenda_job_start_delay_seconds"),
            legend: "{{job_name}}",
          },
        ],
        width: 8,
        min: 0,
      },
      {
        kind: "time series",
        title: "Runs in flight",
        description: "Runs that have begun and not ended, by job.",
        unit: "short",
        queries: [
          {
            expr: `sum by (job_name) (agenda_job_runs_in_flight{${chosen}})`,
            legend: "{{job_name}}",
          },
        ],
        width: 8,
        min: 0,
      },
    ],
  };
}
