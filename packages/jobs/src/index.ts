export {
  createJob,
  type EditOptions,
  editSchedule,
  JobStateError,
  pauseJob,
  removeJob,
  resumeJob,
  runJobNow,
  StaleRevisionError,
  UnknownJobError,
} from "./edit-job.js";
export { ensureJobs } from "./ensure-jobs.js";
export {
  defaultLockLifetimeMs,
  type JobContext,
  type JobDefinition,
} from "./job-definition.js";
export { ensureIndexes, type JobIndex, jobIndexes } from "./job-indexes.js";
export type { LockedJob } from "./job-repository.js";
export {
  findRun,
  type ListRunsOptions,
  listRuns,
  type Run,
  type RunDetails,
  type RunPage,
} from "./list-runs.js";
export type { Logger } from "./logger.js";
export {
  createPruneRunsJob,
  type PruneRunsOptions,
  pruneRuns,
} from "./prune-runs.js";
export type { RunOutcome } from "./run-document.js";
export {
  InvalidScheduleError,
  maxIntervalMs,
  minIntervalMs,
  type ParsedSchedule,
  parseSchedule,
  previewSlots,
  type Schedule,
} from "./schedule.js";
export { findJob, listJobs, type ScheduledJob } from "./scheduled-job.js";
export {
  type CloseOptions,
  createWorkerJobs,
  type WorkerJobs,
  type WorkerJobsOptions,
} from "./worker-jobs.js";
