import type { HeartbeatAdminStore } from "@both-ends/admin";
import type { JobDefinition } from "@both-ends/jobs";
import type { DatabaseConnection } from "@both-ends/mongo";
import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import type { z } from "zod";
import type { Admission } from "./admission.js";
import type { BaseConfig, ConfigSchema } from "./config.js";
import type { Downstream } from "./downstream.js";
import type { Logger } from "./logger.js";
import type { Readiness } from "./readiness.js";

/** What the parts of a service are made from. */
export interface ServiceContext<Config extends BaseConfig = BaseConfig> {
  config: Config;
  logger: Logger;
  /** Where metrics of the service's own are registered. */
  registry: Registry;
  readiness: Readiness;
  /** For calls that come by another way than RPC; RPCs pass it by themselves. */
  admission: Admission;
  /**
   * Connects to another service, measured from this end. Closed with the
   * process.
   *
   * @param name How the readiness names it.
   */
  connect(name: string, baseUrl: string): Downstream;
  /**
   * Connects to the database, which need not be there yet; one connection per
   * process, closed with it.
   *
   * @param neededBy Names of gRPC services that cannot serve without it.
   */
  database(neededBy?: readonly string[]): DatabaseConnection;
  /** Runs when the process ends, after the calls are over. */
  onClose(close: () => Promise<void> | void): void;
}

/** What `admin.v1` has of one service alone. */
export interface AdminParts {
  /** Where heartbeats are kept. By default, this service keeps none. */
  heartbeats?: HeartbeatAdminStore;
  /** Whether it makes the first user, if there is none. By default, it does not. */
  makesFirstUser?: boolean;
}

/** What the server process of a service answers. */
export interface ServerParts {
  /** Adds the service's RPCs. */
  routes(router: ConnectRouter): void;
  /**
   * Authorizes an RPC from its headers, before its body is read. Throws a
   * ConnectError to refuse it. By default, every call may pass.
   */
  authorize?(context: HandlerContext): void;
  /** What its part of `admin.v1` has beyond that of every service. */
  admin?: AdminParts;
  /** Adds the service's REST routes. By default, there are none. */
  http?(app: FastifyInstance): void;
}

/** A service: one schema for its configuration, and its two processes. */
export interface ServiceDefinition<Schema extends ConfigSchema = ConfigSchema> {
  /** The name in logs, heartbeats and job databases: `revert-name`. */
  name: string;
  /** The version, `service_build_info` shows it. */
  version: string;
  config: Schema;
  /** Makes the parts of the server process. */
  server(
    context: ServiceContext<z.output<Schema>>,
  ): ServerParts | Promise<ServerParts>;
  /** Makes the jobs of the worker process. */
  worker(
    context: ServiceContext<z.output<Schema>>,
  ): readonly JobDefinition[] | Promise<readonly JobDefinition[]>;
}
