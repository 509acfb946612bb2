import type { Agenda } from "agenda";
import { createJobLabels } from "./job-labels.js";
import { countJobsByState, createJobStatesReader } from "./job-states.js";
import { createDescribeMetric } from "./metric-description.js";
import { observeRuns } from "./observe-runs.js";
import { type AgendaMetricsOptions, resolveOptions } from "./options.js";
import { registerMetrics } from "./register-metrics.js";
import { createRunMetrics } from "./run-metrics.js";
import { createStateMetrics } from "./state-metrics.js";

/** The metrics of an Agenda, while they are attached. */
export interface AgendaMetrics {
  /**
   * Counts a run as lost, for whoever keeps a record of runs and finds one that
   * was begun and never ended. Turn `detectLost` off then, lest it be counted
   * twice.
   */
  countLost(jobName: string): void;
  /**
   * Removes the listeners and takes the metrics out of the registry. Runs that
   * are going on go on uncounted. May be repeated.
   */
  detach(): void;
}

/**
 * Counts the runs that an Agenda executes, in metrics of `registry`. Attach it
 * before `agenda.start()`: a run whose start was not seen is not counted.
 *
 * It listens to Agenda's events, and looks at jobs when they are locked, by a
 * wrapper around `agenda.db.getNextJobToRun`. It changes no job and stores
 * nothing.
 *
 * Throws a RangeError or TypeError for wrong options, and an Error if the
 * registry has metrics of the same names already.
 */
export function attachAgendaMetrics(
  agenda: Agenda,
  options: AgendaMetricsOptions,
): AgendaMetrics {
  const settings = resolveOptions(options);
  const { jobStates, filter } = settings;
  const labels = createJobLabels(settings);
  const describe = createDescribeMetric(settings);
  const metrics = createRunMetrics(describe, settings, showDefined);
  const unregister = registerMetrics(settings.registry, [
    ...metrics.all,
    ...(jobStates === undefined
      ? []
      : createStateMetrics(
          describe,
          settings,
          createJobStatesReader(
            jobStates.read ??
              (() => countJobsByState(agenda, jobStates.maxJobs, filter)),
            jobStates,
          ),
        )),
  ]);

  function showDefined(): void {
    for (const name of Object.keys(agenda.definitions)) {
      const label = labels.of(name);
      if (label !== undefined) {
        metrics.show(label);
      }
    }
  }

  const stopObserving = observeRuns(agenda, metrics, labels, settings);
  let attached = true;
  return {
    countLost(jobName) {
      const label = labels.of(jobName);
      if (attached && label !== undefined) {
        metrics.lose(label);
      }
    },
    detach() {
      attached = false;
      stopObserving();
      unregister();
    },
  };
}
