import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How to start a program. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that answers. */
export interface RunningProgram {
  readonly pid: number;
  readonly port: number;
  readonly metricsPort: number;
  /** Lets it end, and ends it after 5 s. */
  stop(): Promise<void>;
}

const startTimeoutMs = 60_000;
const stopTimeoutMs = 5_000;

/**
 * Starts a program and waits for the line of JSON that tells its ports: its
 * own, or the `addresses` in the log of a service. Rejects, with what it wrote,
 * if it ends before or takes longer than a minute.
 */
export async function startProgram(command: Command): Promise<RunningProgram> {
  const child = spawn(command.file, command.args, {
    env: { ...process.env, ...command.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const exited = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  });
  let output = "";
  const stop = async () => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
    await exited;
    clearTimeout(timer);
  };
  child.stdin.on("error", () => {});
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output = `${output}${text}`.slice(-4_000);
  });
  const lines = createInterface({ input: child.stdout });
  const ports = new Promise<Ports>((resolve, reject) => {
    const fail = (why: string) =>
      reject(
        new Error(
          `${command.file} ${command.args.join(" ")} ${why}: ${output}`,
        ),
      );
    const timer = setTimeout(() => fail("told no port"), startTimeoutMs);
    lines.on("line", (line) => {
      output = `${output}${line}\n`.slice(-4_000);
      const found = readPorts(line);
      if (found !== undefined) {
        clearTimeout(timer);
        resolve(found);
      }
    });
    void exited.then(() => {
      clearTimeout(timer);
      fail("ended");
    });
  });
  try {
    const { port, metricsPort } = await ports;
    return { pid: Number(child.pid), port, metricsPort, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Ports {
  readonly port: number;
  readonly metricsPort: number;
}

function readPorts(line: string): Ports | undefined {
  let told: unknown;
  try {
    told = JSON.parse(line);
  } catch {
    return undefined;
  }
  // Every field is checked before it is used.
  const { port, metricsPort, addresses } = Object(told) as Partial<Ports> & {
    addresses?: { web?: { port?: number }; metrics?: { port?: number } };
  };
  const found = port ?? addresses?.web?.port;
  return typeof found === "number"
    ? {
        port: found,
        metricsPort: metricsPort ?? addresses?.metrics?.port ?? found,
      }
    : undefined;
}
