import { type ChildProcess, spawn } from "node:child_process";
import type { TestContext } from "node:test";

/** How to start a program. */
export interface StartProcessOptions {
  /** Text for its standard input. By default, there is none. */
  input?: string;
  /** Its working directory. By default, that of this process. */
  cwd?: string;
  /** Its environment. By default, that of this process. */
  env?: NodeJS.ProcessEnv;
}

/** A program that goes on while the test does. */
export interface StartedProcess {
  readonly child: ChildProcess;
  /** What it has written to its standard output and error so far. */
  stdout(): string;
  stderr(): string;
  /** Its exit code, or null if a signal ended it, once its output is read. */
  readonly ended: Promise<number | null>;
}

/** Starts a program without a shell. It is killed after the test. */
export function startProcess(
  t: Pick<TestContext, "after">,
  command: string,
  args: readonly string[],
  options: StartProcessOptions = {},
): StartedProcess {
  const { input = "", cwd, env } = options;
  const child = spawn(command, args, { cwd, env, stdio: "pipe" });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // A program that ends without reading its input is no error of this side.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code));
  });
  // Whoever waits for the end hears of a program that could not be started.
  ended.catch(() => {});
  t.after(async () => {
    child.kill("SIGKILL");
    await ended.catch(() => {});
  });
  return { child, stdout: () => stdout, stderr: () => stderr, ended };
}
