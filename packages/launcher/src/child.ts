import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { createLineSplitter } from "./lines.js";
import type { OutputLine } from "./logs.js";
import type { ProcessPlan } from "./plan.js";

/** How a process ended. */
export interface ChildExit {
  /** The exit code, or null if a signal ended it or it never began. */
  readonly code: number | null;
  /** `exit code 1`, `SIGKILL`, or why it could not be started. */
  readonly reason: string;
}

/** A process that has been started. */
export interface Child {
  readonly pid: number | undefined;
  /** Settles, never fails, when it has ended and its output has been read. */
  readonly exited: Promise<ChildExit>;
  /** Asks it to end, by SIGTERM. */
  terminate(): void;
  /** Ends it and whatever it has started, by SIGKILL. */
  kill(): void;
}

/** Where and to whom {@link startChild} starts a process. */
export interface StartChildOptions {
  /** The folder in which its program is found, and its working directory. */
  root: string;
  /** The environment to which that of the plan is added. */
  env: NodeJS.ProcessEnv;
  onLine: (line: OutputLine) => void;
}

/** How long a dead process's output may be held open by its descendants. */
const lastOutputMs = 300;

/**
 * Starts a Node program in a process group of its own, so that a terminal's
 * Ctrl-C reaches the launcher alone. Its standard input is a pipe that is
 * never written: its end tells the program that the launcher is no more.
 */
export function startChild(
  plan: ProcessPlan,
  options: StartChildOptions,
): Child {
  const { root, env, onLine } = options;
  const child = spawn(process.execPath, [plan.program, ...plan.args], {
    cwd: root,
    env: { ...env, ...plan.env },
    detached: true,
    stdio: "pipe",
  });
  // The pipe breaks when the child ends first, which its exit tells anyway.
  child.stdin.on("error", () => {});
  for (const source of ["stdout", "stderr"] as const) {
    const splitter = createLineSplitter((text) =>
      onLine({ process: plan.name, source, text }),
    );
    child[source].on("data", (chunk: Buffer) => splitter.push(chunk));
    child[source].once("close", () => splitter.end());
  }
  const closed = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  const exited = new Promise<ChildExit>((resolve) => {
    child.once("error", (error) => {
      if (child.pid === undefined) {
        resolve({ code: null, reason: error.message });
      }
    });
    child.once("exit", (code, signal) => {
      const reason = code === null ? String(signal) : `exit code ${code}`;
      resolve({ code, reason });
    });
  });
  return {
    pid: child.pid,
    exited: exited.then(async (exit) => {
      const bound = new AbortController();
      const late = delay(lastOutputMs, undefined, { signal: bound.signal });
      await Promise.race([closed, late.catch(() => {})]);
      bound.abort();
      return exit;
    }),
    terminate: () => {
      child.kill("SIGTERM");
    },
    kill: () => killGroup(child.pid),
  };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) {
    return;
  }
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of the group is left.
  }
}
