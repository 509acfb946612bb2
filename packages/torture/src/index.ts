export type { CodeName } from "./code-name.js";
export { type ExpectedCount, expectedCounts } from "./expected-counts.js";
export { type FaultName, faultNames, plainNames } from "./faults.js";
export { OptionError, type TortureOptions } from "./options.js";
export type { Progress } from "./progress.js";
export type {
  CodeSummary,
  Counts,
  MethodSummary,
  Mismatch,
  Percentiles,
  Series,
  Timing,
  TortureResult,
} from "./result.js";
export {
  type MethodName,
  methodNames,
  type ProtocolName,
  protocolNames,
  type RouteLabels,
  type RpcType,
  type TargetName,
  targetNames,
} from "./routes.js";
export { torture } from "./torture.js";
