import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { DatabaseStartError } from "./database-start-error.js";
import { ferretdbSource } from "./ferretdb-source.js";

/** How to run Go on the embedded database's module. */
export interface RunGoOptions {
  env: NodeJS.ProcessEnv;
  /** Called with each line of its standard error; true if it is no complaint. */
  onLine: (line: string) => boolean;
  signal: AbortSignal;
}

/**
 * Runs Go in the module of the embedded database, and gives its output. The
 * error has Go's last complaints.
 */
export async function runGo(
  args: readonly string[],
  options: RunGoOptions,
): Promise<string> {
  const { env, onLine, signal } = options;
  signal.throwIfAborted();
  const child = spawn("go", args, {
    cwd: ferretdbSource,
    // Flags and a workspace of the user's must not reach this build; its SQLite
    // is pure Go, so no C compiler is needed.
    env: { ...env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" },
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  let complaints: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (!onLine(line)) {
      complaints = [...complaints.slice(-4), line];
    }
  });
  const problem = await new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => {
      if (child.pid === undefined) {
        resolve(`go cannot be started: ${error.message}`);
      }
    });
    child.once("close", (code) => {
      const why = complaints.join("; ") || `exit code ${code}`;
      resolve(code === 0 ? undefined : `go ${args[0]} failed: ${why}`);
    });
  });
  signal.throwIfAborted();
  if (problem !== undefined) {
    throw buildFailure(problem);
  }
  return output;
}

/** The error for an embedded database that cannot be built. */
export function buildFailure(reason: string): DatabaseStartError {
  return new DatabaseStartError(
    "failed",
    `cannot build the embedded database: ${reason}`,
  );
}
