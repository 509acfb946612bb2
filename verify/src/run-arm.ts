import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ArmOptions, ArmResult, HeapSample } from "./soak-arm.js";
import type { ArmMessage } from "./soak-arm-process.js";

const program = fileURLToPath(new URL("soak-arm-process.js", import.meta.url));

/**
 * Runs an arm in a process of its own, so that its heap is its own. Rejects if
 * the process ends without a result, or takes longer than its limit; then it
 * is killed.
 */
export function runArmProcess(
  options: ArmOptions,
  killAfterMs: number,
  onSample: (sample: HeapSample) => void,
): Promise<ArmResult> {
  return new Promise((resolve, reject) => {
    const child = fork(program, [JSON.stringify(options)], {
      execArgv: ["--expose-gc"],
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    let result: ArmResult | undefined;
    child.on("message", (message: ArmMessage) => {
      if ("sample" in message) {
        onSample(message.sample);
      } else {
        result = message.result;
      }
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (result === undefined) {
        reject(new Error(`the soak's process ended by ${signal ?? code}`));
      } else {
        resolve(result);
      }
    });
  });
}
