import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import {
  laneVariables,
  type StartedProcess,
  startProcess,
  waitFor,
} from "@both-ends/testing";
import { root, type ServiceName } from "./use-system.js";

/** One process of a service, on free ports. */
export interface StartedService extends StartedProcess {
  /** Its addresses, each `host:port`; a worker has metrics alone. */
  web: string;
  grpc: string;
  metrics: string;
  /** The lines of its log so far. */
  logs(): Record<string, unknown>[];
}

/**
 * Starts a process of a service with just this environment, without a database
 * unless that names one. Killed after the test.
 *
 * @param role By default, the server.
 */
export async function startService(
  t: Pick<TestContext, "after">,
  name: ServiceName,
  env: Record<string, string> = {},
  role: "server" | "worker" = "server",
): Promise<StartedService> {
  const program = `${root}services/${name}/dist/main.js`;
  const started = startProcess(t, process.execPath, [program, role], {
    env: {
      PATH: process.env.PATH,
      MONGODB_URI: "mongodb://127.0.0.1:1",
      PORT: "0",
      GRPC_PORT: "0",
      METRICS_PORT: "0",
      WORKER_METRICS_PORT: "0",
      ...laneVariables(),
      ...env,
    },
  });
  const logs = () => parseLines(started.stdout());
  const findAddresses = () => {
    const line = logs().find(({ msg }) => msg === "started");
    // What it logs with that message.
    return line?.addresses as Record<string, AddressInfo> | undefined;
  };
  const addresses = await waitFor(
    `the start of ${name}`,
    () => (started.child.exitCode === null ? findAddresses() : "none"),
    // A machine that is busy with other tests takes its time to start one.
    { timeoutMs: 30_000 },
  );
  if (addresses === "none") {
    throw new Error(`${name} ended: ${started.stderr()}`);
  }
  const address = (of: string) => `127.0.0.1:${addresses[of]?.port}`;
  return {
    ...started,
    web: address("web"),
    grpc: address("grpc"),
    metrics: address("metrics"),
    logs,
  };
}

/** The lines that are complete; each of them has to be JSON. */
function parseLines(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}
