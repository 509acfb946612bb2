export {
  type FinishRequestsOptions,
  finishRequests,
} from "./finish-requests.js";
export { createOnePort, type OnePort } from "./one-port.js";
export type { OnePortOptions } from "./options.js";
