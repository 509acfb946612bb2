export {
  type ConnectDatabaseOptions,
  connectDatabase,
  type DatabaseConnection,
} from "./connect-database.js";
export type { DatabaseExit } from "./database-process.js";
export {
  DatabaseStartError,
  type DatabaseStartProblem,
} from "./database-start-error.js";
export { isDatabaseUnavailable } from "./is-database-unavailable.js";
export { redactUri } from "./redact-uri.js";
export {
  type RunningDatabase,
  type StartDatabaseOptions,
  startDatabase,
} from "./start-database.js";
export type { DatabaseStatus } from "./watch-database.js";
