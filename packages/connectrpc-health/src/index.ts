export {
  Health,
  type HealthCheckRequest,
  HealthCheckRequestSchema,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus,
  HealthCheckResponse_ServingStatusSchema,
  HealthCheckResponseSchema,
  type HealthListRequest,
  HealthListRequestSchema,
  type HealthListResponse,
  HealthListResponseSchema,
} from "./gen/grpc/health/v1/health_pb.js";
export {
  createHealthBoard,
  type HealthBoard,
  type HealthBoardOptions,
  type HealthChange,
  type HealthListener,
  type ServingStatus,
} from "./health-board.js";
export {
  createHealthRoutes,
  type HealthRoutesOptions,
} from "./health-routes.js";
