import { connectDatabase, type DatabaseConnection } from "@both-ends/mongo";
import type { Interceptor } from "@connectrpc/connect";
import { createClientMetrics } from "connectrpc-prometheus";
import { createAdmission } from "./admission.js";
import type { BaseConfig } from "./config.js";
import { connectDownstream } from "./downstream.js";
import { createLogger } from "./logger.js";
import { createReadiness } from "./readiness.js";
import { createRegistry, serviceBuckets } from "./registry.js";
import type { ServiceContext } from "./service-definition.js";
import { readClientTls } from "./tls-files.js";

/** The context of one process, and the end of all that was opened with it. */
export interface ProcessContext<Config extends BaseConfig>
  extends ServiceContext<Config> {
  /** The name of the service. */
  service: string;
  /** Closes what the process opened, last opened first. */
  close(): Promise<void>;
}

/** Creates what the server and the worker of a service have in common. */
export function createProcessContext<Config extends BaseConfig>(options: {
  service: string;
  version: string;
  role: "server" | "worker";
  config: Config;
}): ProcessContext<Config> {
  const { service, version, role, config } = options;
  const registry = createRegistry(version);
  const readiness = createReadiness();
  const clientTls = readClientTls(config);
  const logger = createLogger({ service, role, level: config.LOG_LEVEL });
  const closers: (() => Promise<void> | void)[] = [];
  let interceptors: Interceptor[] | undefined;
  let database: DatabaseConnection | undefined;
  const databaseNeededBy: string[] = [];
  return {
    service,
    config,
    logger,
    registry,
    readiness,
    admission: createAdmission({ maxInFlight: config.MAX_IN_FLIGHT, registry }),
    connect(name, baseUrl) {
      // Only a process that calls others has client metrics.
      interceptors ??= [
        createClientMetrics({ registry, buckets: serviceBuckets }).interceptor,
      ];
      const downstream = connectDownstream({
        baseUrl,
        interceptors,
        maxMessageBytes: config.MAX_MESSAGE_BYTES,
        tls: clientTls,
        fastlane: config.FASTLANE,
        part: readiness.part(name),
      });
      closers.push(() => downstream.close());
      return downstream;
    },
    database(neededBy = []) {
      databaseNeededBy.push(...neededBy);
      if (database === undefined) {
        const part = readiness.part("database", databaseNeededBy);
        database = connectDatabase({
          uri: config.MONGODB_URI,
          appName: `${service} ${role}`,
          onChange: ({ up, reason }) =>
            up ? part.up() : part.down(reason ?? "does not answer"),
        });
        closers.push(() => database?.close());
      }
      return database;
    },
    onClose(close) {
      closers.push(close);
    },
    async close() {
      for (const close of closers.splice(0).reverse()) {
        try {
          await close();
        } catch (error) {
          // One that cannot be closed must not keep the others open.
          logger.error({ err: error }, "closing failed");
        }
      }
    },
  };
}
