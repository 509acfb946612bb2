import { spawn } from "node:child_process";

/** How to run a program. */
export interface RunOptions {
  /** Text for its standard input. By default, there is none. */
  input?: string;
  /** Ends the program with SIGKILL after this time. By default, 30 s. */
  timeoutMs?: number;
  /** Its working directory. By default, that of this process. */
  cwd?: string;
  /** Its environment. By default, that of this process. */
  env?: NodeJS.ProcessEnv;
}

/** What a program that has ended left behind. */
export interface RunResult {
  /** The exit code, or null if a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs a program without a shell, to its end. A non-zero exit code is a
 * result; a program that cannot be started, or that runs out of time, throws.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const { input = "", timeoutMs = 30_000, cwd, env } = options;
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
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(
        new Error(
          `${command} did not end within ${timeoutMs} ms: ${stdout}${stderr}`,
        ),
      );
    }, timeoutMs);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}
