import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addTotals, allHandled, type Totals } from "./method-totals.js";
import { parseRunnerOutput, type RunnerReport } from "./runner-output.js";
import { pathOf, type Suite } from "./suite.js";

/** The runner's module and version. */
export const runnerVersion = "v1.0.7";

/** What makes the runner available. */
export const runnerInstall = `go install connectrpc.com/conformance/cmd/connectconformance@${runnerVersion}`;

/** Bounds of {@link runSuite}. */
export interface RunSuiteOptions {
  /** Cuts the run when it aborts, with everything that it started. */
  signal: AbortSignal;
  /** Calls at a time. By default, 4. */
  parallel?: number;
}

/** How a run of the suite ended. */
export interface Outcome extends RunnerReport {
  suite: Suite;
  /** Whether everything is as it should be. */
  ok: boolean;
  /** Whether the run was cut. */
  cut: boolean;
  elapsedMs: number;
  /** Calls by method, for a suite with metrics. */
  totals?: Totals;
  /** What the runner and the program under test wrote to standard error. */
  stderr: string;
}

/**
 * Runs the official runner on one program. It has no time limit of its own and
 * one call that hangs makes it wait for ever, so that a signal is required.
 * Rejects if the runner cannot be started.
 */
export async function runSuite(
  suite: Suite,
  options: RunSuiteOptions,
): Promise<Outcome> {
  const directory = suite.metrics
    ? await mkdtemp(join(tmpdir(), "conformance-"))
    : undefined;
  try {
    const start = performance.now();
    const { code, stdout, stderr, cut } = await run(
      argumentsOf(suite, options, directory),
      options.signal,
    );
    const report = parseRunnerOutput(stdout);
    const totals =
      directory === undefined ? undefined : await sumTotals(directory);
    return {
      ...report,
      suite,
      ok:
        code === 0 &&
        report.cases > 0 &&
        report.failed.length + report.notRun === 0 &&
        (totals === undefined || coversAll(totals, report.cases)),
      cut,
      elapsedMs: performance.now() - start,
      totals,
      stderr,
    };
  } finally {
    if (directory !== undefined) {
      await rm(directory, { recursive: true });
    }
  }
}

function argumentsOf(
  suite: Suite,
  { parallel = 4 }: RunSuiteOptions,
  metricsTo?: string,
): string[] {
  const [program = "", ...args] = suite.program;
  return [
    ...["--mode", suite.mode, "--vv", "--max-servers", "2"],
    ...["--conf", pathOf(suite.config)],
    ...["--known-failing", `@${pathOf(suite.knownFailing)}`],
    ...(suite.knownFlaky === undefined
      ? []
      : ["--known-flaky", `@${pathOf(suite.knownFlaky)}`]),
    ...(suite.only ?? []).flatMap((pattern) => ["--run", pattern]),
    ...(suite.skip ?? []).flatMap((pattern) => ["--skip", pattern]),
    ...(suite.mode === "server" ? ["--parallel", String(parallel)] : []),
    ...["--", process.execPath, pathOf(program), ...args],
    ...(suite.mode === "client" ? ["--parallel", String(parallel)] : []),
    ...(metricsTo === undefined ? [] : ["--metrics-to", metricsTo]),
  ];
}

/** Every case is a call, and every call was counted to its end. */
function coversAll(totals: Totals, cases: number): boolean {
  const calls = Object.values(totals).reduce(
    (sum, { started }) => sum + started,
    0,
  );
  return allHandled(totals) && calls === cases;
}

async function sumTotals(directory: string): Promise<Totals> {
  const sum: Totals = {};
  for (const file of await readdir(directory)) {
    const text = await readFile(join(directory, file), "utf8");
    addTotals(sum, JSON.parse(text));
  }
  return sum;
}

function run(args: string[], signal: AbortSignal) {
  // A group of its own, so that the programs under test end with the runner.
  const child = spawn("connectconformance", args, {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const kill = () => {
    try {
      process.kill(-Number(child.pid), "SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  };
  return new Promise<{
    code: number | null;
    cut: boolean;
    stdout: string;
    stderr: string;
  }>((resolve, reject) => {
    child.once("error", (cause) => {
      const message = `cannot start connectconformance, to enable: ${runnerInstall}`;
      reject(new Error(message, { cause }));
    });
    child.once("spawn", () => {
      signal.addEventListener("abort", kill, { once: true });
      if (signal.aborted) {
        kill();
      }
    });
    child.once("close", (code) => {
      signal.removeEventListener("abort", kill);
      resolve({ ...output, code, cut: code === null && signal.aborted });
    });
  });
}
