import { Counter, Gauge, Histogram, type Metric } from "prom-client";
import type { DescribeMetric } from "./metric-description.js";
import type { Settings } from "./options.js";

/** The metrics of runs. Jobs are given by their label value. */
export interface RunMetrics {
  readonly all: readonly Metric[];
  /** Shows the series of a job at zero, if it has none yet. */
  show(job: string): void;
  /** Counts the start of a run, and how late it came if that is known. */
  start(job: string, delaySeconds: number | undefined): void;
  /** Counts the end of a run that was started. */
  end(job: string, outcome: "success" | "failure", seconds: number): void;
  /** Counts a run that was begun and never ended. */
  lose(job: string): void;
  /** Notes when a run ended in success; earlier times than noted are dropped. */
  succeedAt(job: string, time: Date): void;
}

/** Creates the metrics of runs. `collect` is called before they are scraped. */
export function createRunMetrics(
  describe: DescribeMetric,
  settings: Settings,
  collect: () => void,
): RunMetrics {
  const metrics = createMetrics(describe, settings, collect);
  const { started, ended, inFlight, lastSuccess, duration, delay } = metrics;
  const shown = new Set<string>();
  const lastSuccessMs = new Map<string, number>();
  const labelsOf = (job: string) => ({
    ...settings.constLabels,
    job_name: job,
  });

  function show(job: string): void {
    if (shown.has(job)) {
      return;
    }
    shown.add(job);
    const labels = labelsOf(job);
    started.inc(labels, 0);
    inFlight.set(labels, 0);
    for (const outcome of ["success", "failure", "lost"]) {
      ended.inc({ ...labels, outcome }, 0);
    }
    duration?.zero(labels);
    delay?.zero(labels);
  }

  return {
    all: Object.values(metrics).filter((metric) => metric !== undefined),
    show,
    start(job, delaySeconds) {
      show(job);
      started.inc(labelsOf(job));
      inFlight.inc(labelsOf(job));
      if (delaySeconds !== undefined) {
        delay?.observe(labelsOf(job), delaySeconds);
      }
    },
    end(job, outcome, seconds) {
      inFlight.dec(labelsOf(job));
      ended.inc({ ...labelsOf(job), outcome });
      duration?.observe(labelsOf(job), seconds);
    },
    lose(job) {
      show(job);
      ended.inc({ ...labelsOf(job), outcome: "lost" });
    },
    succeedAt(job, time) {
      const ms = time.getTime();
      if (ms > (lastSuccessMs.get(job) ?? 0)) {
        lastSuccessMs.set(job, ms);
        lastSuccess.set(labelsOf(job), ms / 1_000);
      }
    },
  };
}

function createMetrics(
  describe: DescribeMetric,
  { durationBuckets, delayBuckets }: Settings,
  collect: () => void,
) {
  const name = "job_name";
  return {
    started: new Counter({
      ...describe("job_runs_started_total", "Runs that began.", name),
      collect,
    }),
    ended: new Counter({
      ...describe(
        "job_runs_total",
        "Runs that ended in success or failure, and those found to be lost: begun, and never ended.",
        name,
        "outcome",
      ),
      collect,
    }),
    inFlight: new Gauge({
      ...describe(
        "job_runs_in_flight",
        "Runs that this process is executing now.",
        name,
      ),
      collect,
    }),
    lastSuccess: new Gauge({
      ...describe(
        "job_last_success_timestamp_seconds",
        "When a run last ended in success, as far as this process knows.",
        name,
      ),
      aggregator: "max",
    }),
    duration:
      durationBuckets &&
      new Histogram({
        ...describe(
          "job_run_duration_seconds",
          "How long runs took that ended in success or failure.",
          name,
        ),
        buckets: [...durationBuckets],
        collect,
      }),
    delay:
      delayBuckets &&
      new Histogram({
        ...describe(
          "job_start_delay_seconds",
          "How much later runs began than they were scheduled for.",
          name,
        ),
        buckets: [...delayBuckets],
        collect,
      }),
  };
}
