import { AuditService } from "@both-ends/gen/admin/v1/audit_service_pb.js";
import { AuthService } from "@both-ends/gen/admin/v1/auth_service_pb.js";
import { HeartbeatAdminService } from "@both-ends/gen/admin/v1/heartbeat_admin_service_pb.js";
import { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import { LiveMetricsService } from "@both-ends/gen/admin/v1/live_metrics_service_pb.js";
import { TokenService } from "@both-ends/gen/admin/v1/token_service_pb.js";
import { UserService } from "@both-ends/gen/admin/v1/user_service_pb.js";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { RoleName } from "./admin-documents.js";

/** Who may call a method: anyone, or who has at least this role. */
export type Access = "anyone" | RoleName;

/** The access to the methods of one service. */
export interface ServiceAccess {
  readonly service: DescService;
  /** By the method's local name. */
  readonly methods: Readonly<Record<string, Access>>;
}

/**
 * Who may call what. What is not here may not be called. A method without an
 * entry does not compile.
 */
export const accessTable: readonly ServiceAccess[] = [
  access(AuthService, {
    login: "anyone",
    logout: "viewer",
    logoutEverywhere: "viewer",
    getSession: "anyone",
    changePassword: "viewer",
  }),
  access(UserService, {
    listUsers: "operator",
    createUser: "operator",
    changeRole: "operator",
    resetPassword: "operator",
    logoutUser: "operator",
    deleteUser: "operator",
  }),
  access(TokenService, {
    listTokens: "operator",
    createToken: "operator",
    revokeToken: "operator",
  }),
  access(JobService, {
    listJobs: "viewer",
    getJob: "viewer",
    previewSchedule: "viewer",
    createJob: "operator",
    editJob: "operator",
    pauseJob: "operator",
    resumeJob: "operator",
    runJob: "operator",
    deleteJob: "operator",
    listRuns: "viewer",
    getRun: "viewer",
    requeueRun: "operator",
    watchJobs: "viewer",
  }),
  access(HeartbeatAdminService, {
    forgetService: "operator",
    countBeats: "viewer",
  }),
  access(LiveMetricsService, { watchMetrics: "viewer" }),
  access(AuditService, { listAudit: "viewer" }),
];

/** Who may call a method, or undefined if nobody may. */
export function accessTo(method: DescMethod): Access | undefined {
  return accessTable.find(
    ({ service }) => service.typeName === method.parent.typeName,
  )?.methods[method.localName];
}

function access<Service extends DescService>(
  service: Service,
  methods: Readonly<Record<keyof Service["method"] & string, Access>>,
): ServiceAccess {
  return { service, methods };
}
