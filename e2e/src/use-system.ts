import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePorts, waitFor } from "@both-ends/testing";

/** The root of the repository. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** The names of the services, as in their ports' variables. */
export type ServiceName = "time" | "revert-name" | "edge";

/** The addresses of one service, each `host:port`. */
export interface ServiceAddresses {
  /** Speaks everything. */
  web: string;
  /** The gRPC alias. */
  grpc: string;
  metrics: string;
  workerMetrics: string;
}

/** The whole system, as `npm start` runs it. */
export interface System {
  services: Record<ServiceName, ServiceAddresses>;
  databaseUri: string;
  /** The lines of all processes' logs so far. */
  logs: Record<string, unknown>[];
  /** The process id of a worker or server, once it has logged its start. */
  pid(service: ServiceName, role: "server" | "worker"): Promise<number>;
  /** Ends the system as Ctrl-C does, and returns its exit code. */
  stop(): Promise<number | null>;
}

const names: ServiceName[] = ["time", "revert-name", "edge"];

/**
 * Starts the system on free ports with data of its own, and waits until every
 * process is ready. Whoever starts it stops it.
 *
 * @param env What to add to its environment, where the ports matter as a
 * function of the addresses.
 */
export async function startSystem(
  env:
    | Record<string, string>
    | ((services: System["services"]) => Record<string, string>) = {},
): Promise<System> {
  const ports = await freePorts(names.length * 4 + 1);
  const take = () => {
    const port = ports.pop();
    if (port === undefined) {
      throw new Error("no free port left");
    }
    return port;
  };
  const variables: Record<string, string> = {};
  const address = (name: ServiceName, variable: string) => {
    const port = take();
    const prefix = name.toUpperCase().replaceAll("-", "_");
    variables[`${prefix}_${variable}`] = String(port);
    return `127.0.0.1:${port}`;
  };
  const addresses = (name: ServiceName): ServiceAddresses => ({
    web: address(name, "PORT"),
    grpc: address(name, "GRPC_PORT"),
    metrics: address(name, "METRICS_PORT"),
    workerMetrics: address(name, "WORKER_METRICS_PORT"),
  });
  const services = {
    time: addresses("time"),
    "revert-name": addresses("revert-name"),
    edge: addresses("edge"),
  };
  const databasePort = take();
  const dataDir = await mkdtemp(join(tmpdir(), "both-ends-e2e-"));
  const launcher = spawn("node", ["packages/launcher/dist/main.js"], {
    cwd: root,
    env: {
      ...process.env,
      ...variables,
      DB_PORT: String(databasePort),
      DATA_DIR: dataDir,
      ...(typeof env === "function" ? env(services) : env),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const logs: Record<string, unknown>[] = [];
  createInterface({ input: launcher.stdout }).on("line", (line) => {
    logs.push(JSON.parse(line));
  });
  let said = "";
  launcher.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const stop = async () => {
    const code = await end(launcher);
    await rm(dataDir, { recursive: true, force: true });
    return code;
  };
  try {
    await waitFor(
      "the table of addresses",
      () => {
        if (launcher.exitCode !== null) {
          throw new Error(`npm start ended: ${said}`);
        }
        return said.includes("Ctrl-C ends it");
      },
      // A first start builds the embedded database.
      { timeoutMs: 240_000, intervalMs: 50 },
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    services,
    databaseUri: `mongodb://127.0.0.1:${databasePort}`,
    logs,
    pid: (service, role) =>
      waitFor(`the start of ${service} ${role}`, () => {
        const started = logs.findLast(
          (line) =>
            line.service === service &&
            line.role === role &&
            line.msg === "started",
        );
        return typeof started?.pid === "number" ? started.pid : undefined;
      }),
    stop,
  };
}

/** Ends a process by SIGTERM, and by SIGKILL if that takes over 15 s. */
async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
    await ended;
    clearTimeout(timer);
  }
  return child.exitCode;
}
