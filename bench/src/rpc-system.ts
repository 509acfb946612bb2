import type { Role, StartRole } from "./rpc-peers.js";
import { type RunningProgram, startProgram } from "./rpc-process.js";

/** The processes of a peer that answer one kind of request. */
export interface System {
  readonly kind: "rpc" | "proxy";
  readonly port: number;
  readonly pids: readonly number[];
  /** Where the process that is asked shows its metrics. */
  readonly metricsPort: number;
  stop(): Promise<void>;
}

/**
 * Starts what answers RevertName, one process, or what answers `/proxy`, three.
 */
export async function startSystem(
  start: StartRole,
  kind: System["kind"],
  mongodbUri: string,
): Promise<System> {
  const running: RunningProgram[] = [];
  const stop = async () => {
    for (const program of running.toReversed()) {
      await program.stop();
    }
  };
  const add = async (role: Role, env: Readonly<Record<string, string>>) => {
    const program = await startProgram(
      start(role, {
        ...env,
        MONGODB_URI: mongodbUri,
        PORT: "0",
        GRPC_PORT: "0",
        METRICS_PORT: "0",
      }),
    );
    running.push(program);
    return program;
  };
  try {
    if (kind === "rpc") {
      return describe(await add("revert-name", {}));
    }
    // Both are waited for, even if one fails: what has started is to be stopped.
    const [revertName, time] = await Promise.allSettled([
      add("revert-name", {}),
      add("time", {}),
    ]);
    return describe(
      await add("edge", edgeEnv(settled(revertName), settled(time))),
    );
  } catch (error) {
    await stop();
    throw error;
  }

  function describe({ port, metricsPort }: RunningProgram): System {
    const pids = running.map(({ pid }) => pid);
    return { kind, port, metricsPort, pids, stop };
  }
}

function edgeEnv(
  revertName: RunningProgram,
  time: RunningProgram,
): Record<string, string> {
  const address = (port: number) => `http://127.0.0.1:${port}`;
  return {
    REVERT_NAME_URL: address(revertName.port),
    TIME_URL: address(time.port),
    METRICS_TARGETS: `time=${address(time.metricsPort)}/metrics,revert-name=${address(revertName.metricsPort)}/metrics`,
  };
}

function settled<T>(result: PromiseSettledResult<T>): T {
  if (result.status === "rejected") {
    throw result.reason;
  }
  return result.value;
}
