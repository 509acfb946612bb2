import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How a database process ended. */
export interface DatabaseExit {
  /** The exit code, or null if a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it, or null if it ended by itself. */
  readonly signal: NodeJS.Signals | null;
  /** One line for people, with the last thing the process said, if anything. */
  readonly reason: string;
}

/** A database process that answers on a port. */
export interface DatabaseProcess {
  readonly pid: number;
  /** The port it listens on. */
  readonly port: number;
  /** Resolves when the process has ended, for whatever cause. */
  readonly exited: Promise<DatabaseExit>;
  /** Ends the process: SIGTERM, then SIGKILL after 4 s. Never fails. */
  close(): Promise<void>;
}

/** What to run, and how to tell that it answers. */
export interface DatabaseProcessOptions {
  /** What messages call it. */
  name: string;
  command: string;
  args: readonly string[];
  /** Called once it runs, before it answers. By default, not called. */
  onSpawn?: (pid: number, exited: Promise<DatabaseExit>) => void;
  /** Reads the port from the line of standard output that says it answers. */
  readPort: (line: string) => number | undefined;
  /**
   * Reads what to tell people from a line of standard output. By default, only
   * standard error is told.
   */
  readComplaint?: (line: string) => string | undefined;
  /** Ends the attempt if it does not answer in time. By default, 30 s. */
  startLimitMs?: number;
  /**
   * Called with each line of its standard error once it answers; before that
   * the last one becomes part of the failure. By default, not called.
   */
  onErrorLine?: ((line: string) => void) | undefined;
  /** Ends the attempt, but not a process that already answers. */
  signal?: AbortSignal | undefined;
}

/**
 * A DatabaseExitError is raised if a database process ends before it answers.
 */
export class DatabaseExitError extends Error {
  override name = "DatabaseExitError";

  constructor(readonly exit: DatabaseExit) {
    super(exit.reason);
  }
}

const killAfterMs = 4000;

/**
 * Starts a database process and waits until it answers. The process has a
 * session of its own, so that Ctrl-C in a terminal reaches only its parent,
 * which ends it last. Its standard input stays open for as long as the parent
 * lives.
 */
export async function startDatabaseProcess(
  options: DatabaseProcessOptions,
): Promise<DatabaseProcess> {
  const { name, command, args, startLimitMs = 30_000, signal } = options;
  signal?.throwIfAborted();
  const child = spawn(command, args, { detached: true, stdio: "pipe" });
  // A process that ends first closes the pipe: that is no error of this side.
  child.stdin.on("error", () => {});
  const complaints = keepLastComplaint(child, options);
  const exited = waitForExit(child, name, complaints);
  const close = () => endProcess(child, exited);
  const { pid } = child;
  if (pid === undefined) {
    throw new DatabaseExitError(await exited);
  }
  options.onSpawn?.(pid, exited);
  const limit = AbortSignal.timeout(startLimitMs);
  try {
    const port = await Promise.race([
      readFromOutput(child, options.readPort),
      exited.then((exit) => {
        throw new DatabaseExitError(exit);
      }),
      rejectOnAbort(limit, `${name} did not answer within ${startLimitMs} ms`),
      ...(signal ? [rejectOnAbort(signal)] : []),
    ]);
    complaints.onLine = options.onErrorLine;
    return { pid, port, exited, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Complaints {
  last: string;
  /** Takes the lines of a process that answers. */
  onLine: ((line: string) => void) | undefined;
}

function keepLastComplaint(
  child: ChildProcess,
  { readComplaint }: DatabaseProcessOptions,
): Complaints {
  const complaints: Complaints = { last: "", onLine: undefined };
  if (child.stderr) {
    createInterface({ input: child.stderr }).on("line", (line) => {
      complaints.last = line;
      complaints.onLine?.(line);
    });
  }
  if (child.stdout && readComplaint) {
    createInterface({ input: child.stdout }).on("line", (line) => {
      complaints.last = readComplaint(line) ?? complaints.last;
    });
  }
  return complaints;
}

function waitForExit(
  child: ChildProcess,
  name: string,
  complaints: Complaints,
): Promise<DatabaseExit> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      if (child.pid === undefined) {
        const reason = `${name} cannot be started: ${error.message}`;
        resolve({ code: null, signal: null, reason });
      }
    });
    child.once("close", (code, signal) => {
      const how = signal ? `by ${signal}` : `with exit code ${code}`;
      const why = complaints.last === "" ? "" : `: ${complaints.last}`;
      resolve({ code, signal, reason: `${name} ended ${how}${why}` });
    });
  });
}

function readFromOutput<T>(
  child: ChildProcess,
  read: (line: string) => T | undefined,
): Promise<T> {
  return new Promise((resolve) => {
    if (child.stdout) {
      // Reading goes on after the answer: a full pipe would block the process.
      createInterface({ input: child.stdout }).on("line", (line) => {
        const value = read(line);
        if (value !== undefined) {
          resolve(value);
        }
      });
    }
  });
}

function rejectOnAbort(signal: AbortSignal, message?: string): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener(
      "abort",
      () => reject(message === undefined ? signal.reason : new Error(message)),
      { once: true },
    );
  });
}

async function endProcess(
  child: ChildProcess,
  exited: Promise<DatabaseExit>,
): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  await exited;
  clearTimeout(timer);
}
