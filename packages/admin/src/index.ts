export {
  type Access,
  accessTable,
  type ServiceAccess,
} from "./access-table.js";
export {
  type AdminIndex,
  adminDatabase,
  adminIndexes,
  type RoleName,
} from "./admin-documents.js";
export type { ConsoleLink } from "./auth-service.js";
export { remoteAddress } from "./caller.js";
export {
  type Admin,
  type AdminOptions,
  createAdmin,
  type MetricsTarget,
} from "./create-admin.js";
export type { FirstUserOptions } from "./first-user.js";
export type { HeartbeatAdminStore } from "./heartbeat-admin-service.js";
export type { MetricsCollectorOptions } from "./live/metrics-collector.js";
export type { AdminLogger } from "./logger.js";
export type { LoginLimitsOptions } from "./login-limits.js";
export { type PasswordCost, passwordCost } from "./password.js";
export {
  createPruneAdminJob,
  type PruneAdminOptions,
} from "./prune-admin-job.js";
export type { SessionLimits } from "./session-store.js";
