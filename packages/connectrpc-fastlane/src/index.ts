export type { LaneTransport } from "./client/lane-transport.js";
export {
  createConnectTransport,
  createGrpcTransport,
} from "./client/transport.js";
export {
  createFastlane,
  type Fastlane,
} from "./server/fastlane.js";
export { encodeGrpcMessage } from "./server/grpc-message.js";
export { afterCall } from "./server/lane-context.js";
export type { HandOverReason, LaneCounts } from "./server/lane-counts.js";
export type {
  LaneCallStart,
  LaneObservation,
  LaneObserver,
} from "./server/observation.js";
export type { FastlaneOptions, FastlaneRequest } from "./server/options.js";
export {
  type ServeFastlaneOptions,
  serveFastlane,
} from "./server/serve-fastlane.js";
