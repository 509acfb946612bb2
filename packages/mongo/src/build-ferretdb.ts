import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { holdBuildLock } from "./build-lock.js";
import { ferretdbBinaryPath, isFerretdbBuilt } from "./ferretdb-binary.js";
import { patchFerretdb } from "./ferretdb-patch.js";
import { buildFailure, runGo } from "./run-go.js";

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
      ? buildFailure(`it took more than ${seconds(buildLimitMs)}`)
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
  const { env, onProgress, signal } = context;
  onProgress(
    "first start: building the embedded database, about two minutes, once",
  );
  const progress = followProgress(onProgress);
  const workshop = await mkdtemp(join(folder, "tmp-"));
  try {
    const go = (args: readonly string[]) =>
      runGo(args, { env, onLine: progress.count, signal });
    const modfile = await patchFerretdb(workshop, go);
    const built = join(workshop, "ferretdb");
    await go([
      "build",
      "-v",
      "-mod=readonly",
      `-modfile=${modfile}`,
      "-trimpath",
      "-buildvcs=false",
      "-ldflags=-s -w",
      "-o",
      built,
      ".",
    ]);
    // Whoever looks sees either no program or a whole one.
    await rename(built, binary);
    onProgress(`built the embedded database in ${progress.elapsed()}`);
  } finally {
    progress.end();
    await rm(workshop, { recursive: true, force: true });
  }
}

interface Progress {
  /** Counts what a line of Go's tells; false if it tells something else. */
  count(line: string): boolean;
  elapsed(): string;
  end(): void;
}

function followProgress(onProgress: (line: string) => void): Progress {
  const start = performance.now();
  const elapsed = () => seconds(performance.now() - start);
  let downloaded = 0;
  let compiled = 0;
  const timer = setInterval(() => {
    onProgress(
      `building the embedded database: ${downloaded} modules downloaded, ${compiled} packages compiled, ${elapsed()}`,
    );
  }, progressIntervalMs);
  return {
    count(line) {
      const isDownload = line.startsWith("go: downloading ");
      const isPackage = /^[\w./~-]+$/.test(line);
      downloaded += isDownload ? 1 : 0;
      compiled += isPackage ? 1 : 0;
      return isDownload || isPackage;
    },
    elapsed,
    end: () => clearInterval(timer),
  };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
