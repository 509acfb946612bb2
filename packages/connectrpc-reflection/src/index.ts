export { ServerReflection } from "./gen/grpc/reflection/v1/reflection_pb.js";
export { ServerReflection as ServerReflectionV1alpha } from "./gen/grpc/reflection/v1alpha/reflection_pb.js";
export {
  createReflectionRoutes,
  type ReflectionOptions,
} from "./reflection-routes.js";
