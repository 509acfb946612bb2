import { AuditService } from "@both-ends/gen/admin/v1/audit_service_pb.js";
import { AuthService } from "@both-ends/gen/admin/v1/auth_service_pb.js";
import { HeartbeatAdminService } from "@both-ends/gen/admin/v1/heartbeat_admin_service_pb.js";
import { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import { LiveMetricsService } from "@both-ends/gen/admin/v1/live_metrics_service_pb.js";
import { TokenService } from "@both-ends/gen/admin/v1/token_service_pb.js";
import { UserService } from "@both-ends/gen/admin/v1/user_service_pb.js";
import type {
  ConnectRouter,
  ContextValues,
  Interceptor,
} from "@connectrpc/connect";
import type { Db } from "mongodb";
import type { Registry } from "prom-client";
import { adminCollections } from "./admin-documents.js";
import { createAuditLog } from "./audit-log.js";
import { createAuditService } from "./audit-service.js";
import { type ConsoleLink, createAuthService } from "./auth-service.js";
import { createAuthenticate } from "./authenticate.js";
import { createAuthorizationInterceptor } from "./authorization-interceptor.js";
import { ensureFirstUser, type FirstUserOptions } from "./first-user.js";
import {
  createHeartbeatAdminService,
  type HeartbeatAdminStore,
} from "./heartbeat-admin-service.js";
import { createJobEditor } from "./job-editor.js";
import { createJobService } from "./job-service.js";
import { createJobWatcher } from "./job-watcher.js";
import {
  createMetricsCollector,
  type MetricsCollectorOptions,
} from "./live/metrics-collector.js";
import { createOwnReader, createRemoteReader } from "./live/read-process.js";
import { createLiveMetrics } from "./live-metrics-service.js";
import { type AdminLogger, silentLogger } from "./logger.js";
import { createLoginLimits, type LoginLimitsOptions } from "./login-limits.js";
import type { PasswordCost } from "./password.js";
import { createPasswordChecker } from "./password-checker.js";
import { createRequestOrigins } from "./request-origin.js";
import { createSessionStore, type SessionLimits } from "./session-store.js";
import { createTokenService } from "./token-service.js";
import { createTokenStore } from "./token-store.js";
import { createUserService } from "./user-service.js";
import { createUserStore } from "./user-store.js";

/** Another process whose metrics are shown. */
export interface MetricsTarget {
  /** The service, such as `time`. */
  readonly service: string;
  readonly role: "server" | "worker";
  /** Where its metrics are, such as `http://127.0.0.1:9999/metrics`. */
  readonly url: string;
}

/** What `admin.v1` is made from. */
export interface AdminOptions {
  /** The service that mounts it, such as `time`. */
  readonly service: string;
  /** The database that the consoles share: `adminDatabase`. */
  readonly db: Db;
  /** The database of the service's jobs. */
  readonly jobs: Db;
  /** The registry of this process, for live metrics. */
  readonly registry: Registry;
  /** Other processes whose metrics are shown. By default, none. */
  readonly targets?: readonly MetricsTarget[];
  /** The bearer token of their metrics. By default, none. */
  readonly metricsToken?: string | undefined;
  /** Where heartbeats are kept: edge has them. By default, they are not served. */
  readonly heartbeats?: HeartbeatAdminStore;
  /** The consoles that a page links to. By default, none. */
  readonly consoles?: readonly ConsoleLink[];
  /**
   * Origins of pages that may call, besides that of the address called: for a
   * proxy that changes scheme or host, such as `https://console.example`. By
   * default, none.
   */
  readonly origins?: readonly string[];
  /** Makes the first user. By default, this process does not. */
  readonly firstUser?: FirstUserOptions;
  /** By default, nothing is logged. */
  readonly logger?: AdminLogger;
  /** Finds the id of a request, for the audit log. By default, there is none. */
  readonly requestId?: (values: ContextValues) => string | undefined;
  /** How long sessions last. By default, 12 h without a call, 7 days in all. */
  readonly sessions?: SessionLimits;
  /** How often passwords may be tried. By default, see `LoginLimitsOptions`. */
  readonly loginLimits?: LoginLimitsOptions;
  /** How dear a new password's hash is. By default, `passwordCost`. */
  readonly passwordCost?: PasswordCost;
  /** How often processes are read. By default, see `MetricsCollectorOptions`. */
  readonly metrics?: Omit<MetricsCollectorOptions, "processes">;
  /** How often the caller of an open stream is looked up again. By default, 15 s. */
  readonly streamCheckMs?: number;
  /** The clock of sessions, tokens and the audit log. By default, the system's. */
  readonly now?: () => Date;
}

/** `admin.v1`, ready to mount. */
export interface Admin {
  /** Adds its RPCs. */
  routes(router: ConnectRouter): void;
  /** Authorizes them. It has to come before validation. */
  readonly interceptor: Interceptor;
  /** Begins what goes on in the background. Waits for nothing. */
  start(): void;
  /** Ends it, and open streams. */
  close(): void;
}

/**
 * Creates `admin.v1` for one service. Nothing is read or written until it is
 * started or called; the databases and the registry stay the caller's.
 *
 * The address of callers is taken from the context value `remoteAddress`; where
 * nobody sets it, all share the limits of one address.
 */
export function createAdmin(options: AdminOptions): Admin {
  const { service, db, jobs, now = () => new Date() } = options;
  const { logger = silentLogger, heartbeats, firstUser } = options;
  const collections = adminCollections(db);
  const users = createUserStore(collections, { now });
  const sessions = createSessionStore(collections, {
    ...options.sessions,
    now,
  });
  const tokens = createTokenStore(collections, { now });
  const passwords = createPasswordChecker({ cost: options.passwordCost });
  const origins = createRequestOrigins(options.origins);
  const authenticate = createAuthenticate({
    users,
    sessions,
    tokens,
    origins,
  });
  const { requestId } = options;
  const audit = createAuditLog(collections, {
    service,
    now,
    logger,
    requestId,
  });
  const watcher = createJobWatcher(jobs);
  const collector = createCollector(options);
  const live = createLiveMetrics(collector);
  const closing = new AbortController();

  return {
    routes(router) {
      router.service(
        AuthService,
        createAuthService({
          service,
          consoles: options.consoles ?? [],
          authenticate,
          users,
          sessions,
          passwords,
          limits: createLoginLimits(options.loginLimits),
          origins,
          audit,
        }),
      );
      router.service(
        UserService,
        createUserService({ users, sessions, tokens, passwords, audit }),
      );
      router.service(TokenService, createTokenService({ tokens, audit, now }));
      const edit = createJobEditor({ db: jobs, service, audit });
      router.service(JobService, createJobService({ db: jobs, edit, watcher }));
      router.service(LiveMetricsService, live.handlers);
      router.service(AuditService, createAuditService(audit));
      if (heartbeats !== undefined) {
        router.service(
          HeartbeatAdminService,
          createHeartbeatAdminService({ store: heartbeats, audit }),
        );
      }
    },
    interceptor: createAuthorizationInterceptor({
      authenticate,
      origins,
      streamCheckMs: options.streamCheckMs,
    }),
    start() {
      collector.start();
      if (firstUser !== undefined) {
        const { signal } = closing;
        const made = { ...firstUser, users, passwords, logger, signal };
        void ensureFirstUser(made);
      }
    },
    close() {
      closing.abort();
      collector.close();
      live.close();
      watcher.close();
    },
  };
}

function createCollector(options: AdminOptions) {
  const { service, registry, targets = [], metricsToken: token } = options;
  return createMetricsCollector({
    ...options.metrics,
    processes: [
      { service, role: "server", read: createOwnReader(registry) },
      ...targets.map((target) => ({
        service: target.service,
        role: target.role,
        read: createRemoteReader({ url: target.url, token }),
      })),
    ],
  });
}
