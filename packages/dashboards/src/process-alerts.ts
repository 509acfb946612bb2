import {
  createClock,
  type RuleGroup,
  type RuleOptions,
  systemJobs,
} from "./rule.js";

/** Creates the alerts about the processes themselves. */
export function createProcessAlerts(options: RuleOptions): RuleGroup {
  const { jobs = systemJobs } = options;
  const clock = createClock(options);
  // Discovery by DNS drops the target of a process that is gone, so that `up`
  // is absent instead of 0. Only a matcher of one value gives absent() a label.
  const absent = jobs.map((job) => `absent(up{job="${job}"})`);
  return {
    name: "processes",
    rules: [
      {
        alert: "TargetDown",
        expr: 'up{job!="prometheus"} == 0',
        for: clock(60),
        severity: "critical",
        summary:
          "{{ $labels.job }} at {{ $labels.instance }} does not answer Prometheus",
        description:
          "The process is there for service discovery and does not give its metrics: it hangs, is starting for too long, or its metrics port is shut.",
      },
      {
        alert: "TargetAbsent",
        expr: absent.join("\nor\n"),
        for: clock(60),
        severity: "critical",
        summary: "No process of {{ $labels.job }} is left",
        description:
          "Service discovery knows no process of this job: it was stopped, or does not start.",
      },
      {
        alert: "ProcessRestarts",
        expr: `changes(process_start_time_seconds{job!="prometheus"}[${clock(900)}]) > 2`,
        for: clock(60),
        severity: "warning",
        summary:
          "{{ $labels.job }} at {{ $labels.instance }} has begun anew {{ $value }} times",
        description:
          "The process ends and is started again, over and over: it crashes, or something kills it.",
      },
      {
        alert: "EventLoopLag",
        expr: `avg_over_time(nodejs_eventloop_lag_p99_seconds{job!=""}[${clock(300)}]) > 0.1`,
        for: clock(300),
        severity: "warning",
        summary:
          "The event loop of {{ $labels.job }} lags by {{ $value | humanizeDuration }}",
        description:
          "One in a hundred timers is late by more than 100 ms, over minutes: every call through this process waits that long.",
      },
      {
        alert: "EventLoopBlocked",
        expr: `max_over_time(nodejs_eventloop_lag_max_seconds{job!=""}[${clock(300)}]) > 1`,
        for: clock(0),
        severity: "warning",
        summary:
          "The event loop of {{ $labels.job }} stood still for {{ $value | humanizeDuration }}",
        description:
          "Nothing ran in this process for more than a second: no call, no timer, no health check.",
      },
    ],
  };
}
