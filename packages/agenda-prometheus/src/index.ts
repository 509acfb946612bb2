export {
  type AgendaMetrics,
  attachAgendaMetrics,
} from "./attach-agenda-metrics.js";
export {
  type AgendaMetricsOptions,
  defaultDelayBuckets,
  defaultDurationBuckets,
  type JobStatesOptions,
} from "./options.js";
