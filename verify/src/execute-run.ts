import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { LongRun, RunOptions, Section } from "./long-run.js";

const program = fileURLToPath(new URL("run-process.js", import.meta.url));

/**
 * Runs a long run to its end in a process of its own, or kills it when its
 * time is up. What it started ends with it.
 */
export function executeRun(
  run: Pick<LongRun, "name" | "timeLimitMs">,
  options: RunOptions,
): Promise<Section> {
  const args = ["--expose-gc", program, run.name, JSON.stringify(options)];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), run.timeLimitMs);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (!text.includes("verdict: ")) {
        const how = signal ? `by ${signal}` : `with exit code ${code}`;
        const limit = `its limit is ${run.timeLimitMs / 1_000} s`;
        text += `verdict: FAIL: ${run.name} ended ${how}; ${limit}\n`;
      }
      resolve({ text, passed: code === 0 });
    });
  });
}
