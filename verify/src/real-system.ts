import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningDatabase, startDatabase } from "@both-ends/mongo";
import {
  type ServerProcess,
  type ServiceName,
  startServerProcess,
} from "./server-process.js";

/** A database that can be killed. */
export interface KillableDatabase {
  readonly uri: string;
  /** Which it is, for people. */
  readonly engine: string;
  /** Kills it by SIGKILL and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it on the same port and data, once it is gone. */
  restart(): Promise<void>;
  /** Ends it, and removes the data. */
  stop(): Promise<void>;
}

/** The servers of services, each a process, and their database. */
export interface RealSystem {
  readonly database: KillableDatabase;
  /** The server of a service as it runs now. */
  server(service: ServiceName): ServerProcess;
  /** Starts a server that has ended again, on the same ports. */
  restart(service: ServiceName): Promise<void>;
  /** Ends everything, and removes the data. */
  stop(): Promise<void>;
}

/** Starts a database with an empty data folder of its own. */
export async function startKillableDatabase(): Promise<KillableDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), "verify-data-"));
  const start = (port: number): Promise<RunningDatabase> =>
    startDatabase({ dataDir, port, mayDownload: false });
  try {
    let running = await start(0);
    const { uri, engine } = running;
    return {
      uri,
      engine,
      async kill() {
        if (running.pid !== undefined) {
          process.kill(running.pid, "SIGKILL");
        }
        await running.exited;
      },
      async restart() {
        running = await start(Number(new URL(uri).port));
      },
      async stop() {
        await running.close();
        await rm(dataDir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(dataDir, { recursive: true, force: true });
    throw error;
  }
}

/** What is started, and how. */
export interface RealSystemOptions {
  /** By default, all three. */
  readonly services?: readonly ServiceName[];
  /** More environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts servers on free ports with a database of their own. Edge finds those
 * of the others that are started before it, and its console shows them.
 * Whoever starts the system stops it; it also ends with this process.
 */
export async function startRealSystem(
  options: RealSystemOptions = {},
): Promise<RealSystem> {
  const { services = ["time", "revert-name", "edge"] } = options;
  const closers: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) {
      await close();
    }
  };
  try {
    const database = await startKillableDatabase();
    closers.push(() => database.stop());

    const servers = new Map<ServiceName, ServerProcess>();
    closers.push(() =>
      Promise.all([...servers.values()].map((server) => server.stop())),
    );
    const env: Record<string, string> = {
      ...options.env,
      MONGODB_URI: database.uri,
    };
    const targets: string[] = [];
    const start = async (service: ServiceName) => {
      const ports = servers.get(service)?.ports;
      const options = { service, env, ...(ports && { ports }) };
      const server = await startServerProcess(options);
      servers.set(service, server);
      return server;
    };
    for (const service of services) {
      const prefix = service.toUpperCase().replaceAll("-", "_");
      const server = await start(service);
      env[`${prefix}_URL`] = urlOf(server);
      const metrics = `http://127.0.0.1:${server.ports.metrics}/metrics`;
      targets.push(`${service}=${metrics}`);
      env.METRICS_TARGETS = targets.join(",");
    }
    return {
      database,
      server(service) {
        const server = servers.get(service);
        if (server === undefined) {
          throw new Error(`${service} does not run`);
        }
        return server;
      },
      restart: async (service) => {
        await start(service);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The base URL of a server. */
export function urlOf({ ports }: ServerProcess): string {
  return `http://127.0.0.1:${ports.web}`;
}
