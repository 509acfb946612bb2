import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

/** The services whose servers can be started. */
export type ServiceName = "edge" | "revert-name" | "time";

/** Ports of a server; 0 takes any free one. */
export interface ServerPorts {
  readonly web: number;
  readonly grpc: number;
  readonly metrics: number;
}

/** How a process ended. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The server process of a service, as `npm start` runs it. */
export interface ServerProcess {
  readonly pid: number;
  /** Where it listens on 127.0.0.1. */
  readonly ports: ServerPorts;
  /** Lines of its log that speak of something nobody expected. */
  readonly unexpected: readonly string[];
  /** The clients' ports of all connections that it has taken. */
  readonly accepted: ReadonlySet<number>;
  /** Resolves when it has ended, for whatever cause. */
  readonly exited: Promise<ProcessExit>;
  /** Whether it has ended. */
  hasEnded(): boolean;
  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void;
  /** Ends it in order, by SIGKILL if that takes more than 15 s. */
  stop(): Promise<ProcessExit>;
}

/** What is started, and how. */
export interface StartServerOptions {
  readonly service: ServiceName;
  /** By default, free ones. */
  readonly ports?: ServerPorts;
  /** More environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

const startLimitMs = 30_000;

/**
 * Starts the server process of a service and waits until it listens. Whoever
 * starts it stops it; it also ends with this process.
 */
export async function startServerProcess(
  options: StartServerOptions,
): Promise<ServerProcess> {
  const { service, env } = options;
  const ports = options.ports ?? { web: 0, grpc: 0, metrics: 0 };
  const program = new URL(
    `../../services/${service}/dist/main.js`,
    import.meta.url,
  );
  const reporter = new URL("./report-accepted.js", import.meta.url);
  const child = spawn(
    process.execPath,
    [
      `--import=${reporter.href}`,
      fileURLToPath(program),
      "server",
      "--exit-with-stdin",
    ],
    {
      env: {
        ...process.env,
        HOST: "127.0.0.1",
        PORT: String(ports.web),
        GRPC_PORT: String(ports.grpc),
        METRICS_PORT: String(ports.metrics),
        // Servers that need none do not look for it.
        MONGODB_URI: "mongodb://127.0.0.1:1",
        ...env,
      },
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    },
  );
  const accepted = readAccepted(child);
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  const unexpected: string[] = [];
  const stop = () => stopProcess(child, exited);
  const { pid = 0 } = child;
  try {
    const found = await readAddresses(service, child, exited, unexpected);
    return {
      pid,
      ports: found,
      unexpected,
      accepted,
      exited,
      hasEnded: () => child.exitCode !== null || child.signalCode !== null,
      kill: (signal) => child.kill(signal),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Reads what the reporter writes. */
function readAccepted(child: ChildProcess): ReadonlySet<number> {
  const ports = new Set<number>();
  const stream = child.stdio[3];
  if (stream instanceof Readable) {
    createInterface({ input: stream }).on("line", (line) =>
      ports.add(Number(line)),
    );
  }
  return ports;
}

/** Reads the log: the line that says where the server listens, and complaints. */
function readAddresses(
  service: ServiceName,
  child: ChildProcess,
  exited: Promise<ProcessExit>,
  unexpected: string[],
): Promise<ServerPorts> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(new Error(`${service} ${why}: ${unexpected.join("\n")}`));
    const timer = setTimeout(
      () => fail(`did not start within ${startLimitMs} ms`),
      startLimitMs,
    );
    child.once("error", (error) => fail(error.message));
    void exited.then(({ code, signal }) => {
      clearTimeout(timer);
      fail(`ended by ${signal ?? code}`);
    });
    const complain = (line: string) => {
      if (unexpected.length < 100) {
        unexpected.push(line);
      }
    };
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) {
        continue;
      }
      createInterface({ input: stream }).on("line", (line) => {
        if (!line.startsWith('{"level":"info"')) {
          complain(line);
        } else if (line.includes('"msg":"started"')) {
          clearTimeout(timer);
          resolve(parsePorts(line));
        }
      });
    }
  });
}

function parsePorts(line: string): ServerPorts {
  // The service's own log line, see packages/service.
  const { addresses } = JSON.parse(line) as {
    addresses: Record<"web" | "grpc" | "metrics", { port: number }>;
  };
  return {
    web: addresses.web.port,
    grpc: addresses.grpc.port,
    metrics: addresses.metrics.port,
  };
}

async function stopProcess(
  child: ChildProcess,
  exited: Promise<ProcessExit>,
): Promise<ProcessExit> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
  const exit = await exited;
  clearTimeout(timer);
  return exit;
}
