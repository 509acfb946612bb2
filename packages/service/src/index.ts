export { metricsTargetsOption } from "./admin-config.js";
export { type Admission, retryAfterSeconds } from "./admission.js";
export { hasBearerToken } from "./bearer-token.js";
export { blameResponse } from "./blame-response.js";
export {
  type BaseConfig,
  baseOptions,
  ConfigError,
  type ConfigSchema,
  type DefaultPorts,
  millisecondsOption,
  portOption,
  readConfig,
  urlOption,
} from "./config.js";
export { formatConfigTables } from "./config-page.js";
export { delay } from "./delay.js";
export type { Downstream } from "./downstream.js";
export { keepDeadline } from "./keep-deadline.js";
export type { Logger } from "./logger.js";
export {
  createProblem,
  type Problem,
  problemFromError,
  sendProblem,
} from "./problem.js";
export {
  acceptRequestId,
  requestId,
  requestIdHeader,
} from "./request-id.js";
export { exitCodes, runService } from "./run.js";
export { type RunningProcess, startServer } from "./server.js";
export type {
  AdminParts,
  ServerParts,
  ServiceContext,
  ServiceDefinition,
} from "./service-definition.js";
export { startWorker } from "./worker.js";
