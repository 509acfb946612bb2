export type {
  CallObservation,
  ObservableCall,
  ObservingCall,
} from "./call-observation.js";
export { type ClientMetrics, createClientMetrics } from "./client-metrics.js";
export {
  type CallLabels,
  type CallStart,
  defaultBuckets,
  defaultSizeBuckets,
  type MetricsOptions,
} from "./options.js";
export {
  createServerMetrics,
  type ServerMetrics,
} from "./server-metrics.js";
export type { LabelSpelling } from "./spelling.js";
