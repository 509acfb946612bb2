import { fork } from "node:child_process";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import type { WorkerMessage } from "./worker-fixture.js";

/** A worker process of a test. */
export interface WorkerProcess {
  /** What it has told so far, oldest first. */
  readonly messages: readonly WorkerMessage[];
  /** Kills it (SIGKILL) and waits until it is gone; says when that was. */
  kill(): Promise<number>;
  /** Suspends it (SIGSTOP), and lets it go on (SIGCONT). */
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  /** Lets it close, and waits until it has ended; gives its exit code. */
  close(): Promise<number | null>;
}

/** What a worker process of a test is given. */
export interface WorkerProcessOptions {
  readonly uri: string;
  readonly tickMs?: number;
  readonly workMs?: number;
  readonly lockMs?: number;
  readonly processEveryMs?: number;
  readonly databaseName?: string;
}

/** Starts a worker process that runs the job "tick", and ends it after the test. */
export function useWorkerProcess(
  t: Pick<TestContext, "after">,
  options: WorkerProcessOptions,
): WorkerProcess {
  const { uri, tickMs = 2_000, workMs = 100, lockMs = 15_000 } = options;
  const { processEveryMs = 1_000, databaseName = "jobs" } = options;
  const messages: WorkerMessage[] = [];
  const child = fork(
    fileURLToPath(new URL("./worker-fixture.js", import.meta.url)),
    {
      env: {
        ...process.env,
        DATABASE_URI: uri,
        TICK_MS: String(tickMs),
        WORK_MS: String(workMs),
        LOCK_MS: String(lockMs),
        PROCESS_EVERY_MS: String(processEveryMs),
        DATABASE_NAME: databaseName,
      },
    },
  );
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => resolve(code));
  });
  // The program sends nothing else.
  child.on("message", (message) => messages.push(message as WorkerMessage));
  async function kill(): Promise<number> {
    const at = Date.now();
    child.kill("SIGKILL");
    await exited;
    return at;
  }
  t.after(kill);
  return {
    messages,
    kill,
    signal: (name) => child.kill(name),
    async close() {
      child.send("close");
      return await exited;
    },
  };
}
