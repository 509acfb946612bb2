export { type ForgetResult, forgetAfterMs } from "./forget-service.js";
export { toHeartbeatConnectError } from "./heartbeat-connect-error.js";
export {
  type HeartbeatIndex,
  heartbeatIndexes,
} from "./heartbeat-documents.js";
export {
  fromHeartbeatFilter,
  fromTimestamp,
  toBeat,
  toServiceHeartbeat,
} from "./heartbeat-message.js";
export {
  type HeartbeatMetricsOptions,
  registerHeartbeatMetrics,
} from "./heartbeat-metrics.js";
export {
  type HeartbeatStateName,
  heartbeatStates,
  reckonState,
} from "./heartbeat-state.js";
export {
  createHeartbeatStore,
  type HeartbeatStore,
  type HeartbeatStoreOptions,
  type StoreCallOptions,
} from "./heartbeat-store.js";
export {
  HeartbeatStoreUnavailableError,
  InvalidPageTokenError,
  TooManyServicesError,
} from "./heartbeat-store-error.js";
export type { HeartbeatChanges } from "./heartbeat-view.js";
export {
  createHeartbeatWatcher,
  type HeartbeatWatcher,
  type HeartbeatWatcherOptions,
  type WatchOptions,
} from "./heartbeat-watcher.js";
export {
  type BeatPage,
  defaultPageSize,
  type ListBeatsOptions,
  type ListBeatTimesOptions,
  type RecordedBeat,
} from "./list-beats.js";
export type { ServiceState, StateFilter } from "./list-states.js";
export type { PruneOptions, PruneResult } from "./prune-beats.js";
export { createPruneHeartbeatsJob } from "./prune-heartbeats-job.js";
export { defaultBeatIntervalMs, type IncomingBeat } from "./record-beat.js";
export {
  createSendHeartbeatJob,
  type SendHeartbeatJobOptions,
} from "./send-heartbeat-job.js";
