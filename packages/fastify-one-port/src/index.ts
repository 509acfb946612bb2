export {
  type FinishRequestsOptions,
  finishRequests,
} from "./finish-requests.js";
export type {
  Http2Connection,
  Http2Host,
  RequestInterceptor,
} from "./intercept.js";
export { createOnePort, type OnePort } from "./one-port.js";
export type { OnePortOptions, ReachedLimit } from "./options.js";
