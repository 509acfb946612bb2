import { createClock, type RuleGroup, type RuleOptions } from "./rule.js";

/**
 * By when a job has to have succeeded again, in seconds: some intervals of its
 * first schedule. A person who stretches the schedule stretches this, too.
 */
const dueSeconds = [
  { jobs: 'job_name="send-heartbeat"', interval: 10, seconds: 300 },
  // All the others prune, every hour.
  { jobs: 'job_name!="send-heartbeat"', interval: 3600, seconds: 10_800 },
];

/** Creates the alerts about the jobs of the workers. */
export function createJobAlerts(options: RuleOptions): RuleGroup {
  const clock = createClock(options);
  const { speed = 1 } = options;
  const by = "sum by (job, job_name)";
  const increase = (outcome: string, seconds: number) =>
    `${by} (increase(agenda_job_runs_total{outcome=~"${outcome}"}[${clock(seconds)}]))`;
  // However sped up, a job runs no faster than its schedule.
  const overdue = dueSeconds.map(
    ({ jobs, interval, seconds }) =>
      `time() - max by (job, job_name) (agenda_job_last_success_timestamp_seconds{${jobs}} > 0) > ${Math.max(Math.round(seconds / speed), 2.5 * interval)}`,
  );
  return {
    name: "jobs",
    rules: [
      {
        alert: "JobFails",
        expr: [
          `${increase("failure|lost", 900)} > 0`,
          "unless",
          `${increase("success", 900)} > 0`,
        ].join("\n"),
        for: clock(120),
        severity: "warning",
        summary: "{{ $labels.job_name }} of {{ $labels.job }} only fails",
        description:
          "The job ran within 15 minutes and no run of it succeeded.",
      },
      {
        alert: "JobOverdue",
        expr: overdue.join("\nor\n"),
        for: clock(60),
        severity: "warning",
        summary:
          "{{ $labels.job_name }} of {{ $labels.job }} last succeeded {{ $value | humanizeDuration }} ago",
        description:
          "The job has not succeeded for several of its intervals: it fails, does not start, or was paused.",
      },
      {
        alert: "JobStartsLate",
        expr: `histogram_quantile(0.95, sum by (le, job, job_name) (rate(agenda_job_start_delay_seconds_bucket{job!=""}[${clock(900)}]))) > 10`,
        for: clock(300),
        severity: "warning",
        summary:
          "{{ $labels.job_name }} of {{ $labels.job }} begins {{ $value | humanizeDuration }} late",
        description:
          "Runs begin more than 10 s after their time: the workers are too few or too slow, or the database is.",
      },
      {
        alert: "JobRunsLost",
        expr: `${increase("lost", 900)} > 0`,
        for: clock(0),
        severity: "warning",
        summary:
          "Runs of {{ $labels.job_name }} of {{ $labels.job }} began and never ended",
        description:
          "A worker died in the middle of a run. The job was run again; whether it was done twice depends on the job.",
      },
    ],
  };
}
