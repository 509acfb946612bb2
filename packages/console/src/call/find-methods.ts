import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";

/** Whatever is generated from proto/: a new service is found without a line here. */
const modules = import.meta.glob<Record<string, unknown>>(
  "../../../../gen/es/**/*_service_pb.js",
  { eager: true },
);

const services = Object.values(modules)
  .flatMap((module) => Object.values(module))
  .filter(isService)
  .sort((a, b) => a.typeName.localeCompare(b.typeName));

/** Who asks, and where. */
export interface MethodScope {
  /** The service of the console, such as `revert-name`. */
  readonly service: string;
  readonly isOperator: boolean;
}

/** The methods that this console can call: its service's own first. */
export function findMethods(scope: MethodScope): DescMethod[] {
  const own = `${scope.service.replaceAll("-", "")}.`;
  const isEdge = scope.service === "edge";
  const isHere = ({ typeName }: DescService) =>
    typeName.startsWith(own) || (isEdge && typeName.startsWith("heartbeat."));
  const isAdmin = ({ typeName }: DescService) =>
    typeName.startsWith("admin.") &&
    // A session is begun and ended by the pages themselves.
    typeName !== "admin.v1.AuthService" &&
    (isEdge || typeName !== "admin.v1.HeartbeatAdminService");
  return [
    ...services.filter(isHere),
    ...services.filter((service) => !isHere(service) && isAdmin(service)),
  ]
    .flatMap(({ methods }) => methods)
    .filter(
      (method) =>
        scope.isOperator ||
        !isAdmin(method.parent) ||
        method.idempotency === Idempotency.NO_SIDE_EFFECTS,
    );
}

/** Service and method, divided by a slash. */
export function nameOf(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}

function isService(value: unknown): value is DescService {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    value.kind === "service"
  );
}
