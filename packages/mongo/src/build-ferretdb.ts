import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { holdBuildLock } from "./build-lock.js";
import { DatabaseStartError } from "./database-start-error.js";
import {
  ferretdbBinaryPath,
  ferretdbSource,
  isFerretdbBuilt,
} from "./ferretdb-binary.js";

/** How to build the embedded database. */
export interface BuildFerretdbOptions {
  /** Called with a line for people at least every 5 s. By default, not called. */
  onProgress?: ((line: string) => void) | undefined;
  /** Ends the build. */
  signal?: AbortSignal | undefined;
  /** The environment. By default, that of this process. */
  env?: NodeJS.ProcessEnv;
}

const progressIntervalMs = 5000;
const buildLimitMs = 20 * 60_000;

/**
 * Builds the embedded database with Go unless it is already there, and gives
 * the path of the program. Of several builders at once one builds and the
 * others wait for it.
 */
export async function buildFerretdb(
  options: BuildFerretdbOptions = {},
): Promise<string> {
  const { env = process.env, onProgress = () => {} } = options;
  const binary = ferretdbBinaryPath(env);
  if (isFerretdbBuilt(env)) {
    return binary;
  }
  const limit = AbortSignal.timeout(buildLimitMs);
  const signal = options.signal
    ? AbortSignal.any([options.signal, limit])
    : limit;
  try {
    await buildLocked(binary, { env, onProgress, signal });
    return binary;
  } catch (error) {
    options.signal?.throwIfAborted();
    throw limit.aborted
      ? failure(`it took more than ${seconds(buildLimitMs)}`)
      : error;
  }
}

interface BuildContext {
  env: NodeJS.ProcessEnv;
  onProgress: (line: string) => void;
  signal: AbortSignal;
}

async function buildLocked(
  binary: string,
  context: BuildContext,
): Promise<void> {
  const folder = dirname(binary);
  await mkdir(folder, { recursive: true });
  const release = await holdBuildLock(join(folder, "building"), {
    signal: context.signal,
    onWait: (elapsedMs) =>
      context.onProgress(
        `waiting for another process that builds the embedded database, ${seconds(elapsedMs)}`,
      ),
    isDone: () => isFerretdbBuilt(context.env),
  });
  try {
    if (!isFerretdbBuilt(context.env)) {
      await build(folder, binary, context);
    }
  } finally {
    await release();
  }
}

async function build(
  folder: string,
  binary: string,
  context: BuildContext,
): Promise<void> {
  context.onProgress(
    "first start: building the embedded database, about two minutes, once",
  );
  const workshop = await mkdtemp(join(folder, "tmp-"));
  try {
    const built = join(workshop, "ferretdb");
    await goBuild(built, context);
    // Whoever looks sees either no program or a whole one.
    await rename(built, binary);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function goBuild(output: string, context: BuildContext): Promise<void> {
  const { env, onProgress, signal } = context;
  const start = performance.now();
  const child = spawn(
    "go",
    [
      "build",
      "-v",
      "-mod=readonly",
      "-trimpath",
      "-buildvcs=false",
      "-ldflags=-s -w",
      "-o",
      output,
      ".",
    ],
    {
      cwd: ferretdbSource,
      // Flags and a workspace of the user's must not reach this build; its
      // SQLite is pure Go, so no C compiler is needed.
      env: { ...env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" },
      stdio: ["ignore", "ignore", "pipe"],
      signal,
    },
  );
  const counts = countSteps(child);
  const timer = setInterval(() => {
    onProgress(
      `building the embedded database: ${counts.downloaded} modules downloaded, ${counts.compiled} packages compiled, ${seconds(performance.now() - start)}`,
    );
  }, progressIntervalMs);
  try {
    await waitForBuild(child, counts, signal);
    onProgress(
      `built the embedded database in ${seconds(performance.now() - start)}`,
    );
  } finally {
    clearInterval(timer);
  }
}

interface StepCounts {
  downloaded: number;
  compiled: number;
  /** The last lines that are neither a download nor a package. */
  complaints: string[];
}

function countSteps(child: ChildProcess): StepCounts {
  const counts: StepCounts = { downloaded: 0, compiled: 0, complaints: [] };
  if (child.stderr) {
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (line.startsWith("go: downloading ")) {
        counts.downloaded += 1;
      } else if (/^[\w./~-]+$/.test(line)) {
        counts.compiled += 1;
      } else {
        counts.complaints = [...counts.complaints.slice(-4), line];
      }
    });
  }
  return counts;
}

async function waitForBuild(
  child: ChildProcess,
  counts: StepCounts,
  signal: AbortSignal,
): Promise<void> {
  const reason = await new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => {
      if (child.pid === undefined) {
        resolve(`go cannot be started: ${error.message}`);
      }
    });
    child.once("close", (code) => {
      const complaints = counts.complaints.join("; ") || `exit code ${code}`;
      resolve(code === 0 ? undefined : `go build failed: ${complaints}`);
    });
  });
  signal.throwIfAborted();
  if (reason !== undefined) {
    throw failure(reason);
  }
}

function failure(reason: string): DatabaseStartError {
  return new DatabaseStartError(
    "failed",
    `cannot build the embedded database: ${reason}`,
  );
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
