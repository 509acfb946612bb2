import { Counter, Gauge, type Metric } from "prom-client";
import type { JobStatesReader } from "./job-states.js";
import type { DescribeMetric } from "./metric-description.js";
import type { Settings } from "./options.js";

/** Creates the metrics that are read from the database at a scrape. */
export function createStateMetrics(
  describe: DescribeMetric,
  { constLabels }: Pick<Settings, "constLabels">,
  reader: JobStatesReader,
): Metric[] {
  const jobs = new Gauge({
    ...describe(
      "jobs",
      "Jobs in the database by state; absent if they could not be read.",
      "state",
    ),
    aggregator: "first",
    async collect() {
      const states = await reader.read();
      this.reset();
      for (const [state, count] of Object.entries(states ?? {})) {
        this.set({ ...constLabels, state }, count);
      }
    },
  });
  const errors = new Counter({
    ...describe(
      "jobs_read_errors_total",
      "Reads of the jobs by state that failed or took too long.",
    ),
    async collect() {
      // The same read as that of the other metric, in one scrape.
      await reader.read();
      this.reset();
      this.inc({ ...constLabels }, reader.errors());
    },
  });
  return [jobs, errors];
}
