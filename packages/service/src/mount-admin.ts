import {
  type Admin,
  accessTable,
  adminDatabase,
  createAdmin,
  type MetricsTarget,
} from "@both-ends/admin";
import type { BaseConfig } from "./config.js";
import type { ProcessContext } from "./process-context.js";
import { requestId } from "./request-id.js";
import type { AdminParts } from "./service-definition.js";

/**
 * Mounts `admin.v1` in the server process of a service: on the databases of its
 * context, and ended with it.
 *
 * @param parts What only this service has.
 */
export function mountAdmin(
  context: ProcessContext<BaseConfig>,
  parts: AdminParts = {},
): Admin {
  const { config, logger, onClose, registry, service } = context;
  const { heartbeats, makesFirstUser = false } = parts;
  const database = context.database(
    accessTable
      .map(({ service: { typeName } }) => typeName)
      .filter((name) => name !== "admin.v1.LiveMetricsService"),
  );
  const admin = createAdmin({
    service,
    db: database.db(adminDatabase),
    jobs: database.db(jobDatabase(service)),
    registry,
    targets: targetsOf(context),
    metricsToken: config.METRICS_TOKEN,
    heartbeats,
    consoles: config.CONSOLES,
    origins: config.ADMIN_ORIGINS,
    ...(makesFirstUser && {
      firstUser: { password: config.ADMIN_PASSWORD, show: showPassword },
    }),
    logger,
    requestId: (values) => values.get(requestId),
  });
  onClose(() => admin.close());
  admin.start();
  return admin;
}

/** The database of a service's jobs: the name of a database has no dash. */
export function jobDatabase(service: string): string {
  return service.replaceAll("-", "_");
}

function targetsOf({
  config,
  service,
}: ProcessContext<BaseConfig>): MetricsTarget[] {
  const { METRICS_TARGETS, WORKER_METRICS_PORT: port } = config;
  if (METRICS_TARGETS.length > 0) {
    return METRICS_TARGETS.map(({ name, url }) => {
      const worker = name.endsWith("-worker");
      return {
        service: worker ? name.slice(0, -"-worker".length) : name,
        role: worker ? "worker" : "server",
        url,
      };
    });
  }
  const url = `http://127.0.0.1:${port}/metrics`;
  return port === 0 ? [] : [{ service, role: "worker", url }];
}

/** Beside the log: what is there may be kept and sent on. */
function showPassword(username: string, password: string): void {
  process.stdout.write(
    `first login to the console: user ${username}, password ${password} (shown once)\n`,
  );
}
