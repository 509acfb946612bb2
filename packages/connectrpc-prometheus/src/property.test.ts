import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Worker } from "node:worker_threads";
import type { Findings, Task } from "./property-run.test.js";

const seed = Number(process.env.PROPERTY_SEED ?? Date.now() % 1_000_000);
const calls = Number(process.env.PROPERTY_CALLS ?? 10_000);
/** Threads, because node:test tracks every promise of its own. */
const threads = 2;

suite("createClientMetrics() and createServerMetrics()", () => {
  test(`agree on ${calls} random calls (PROPERTY_SEED=${seed})`, {
    timeout: 120_000,
  }, async (t) => {
    const findings = await Promise.all(
      Array.from({ length: threads }, (_, thread) =>
        runThread({ seed, calls, thread, threads }, t.signal),
      ),
    );
    const verdicts = new Map<string, number>();
    for (const found of findings) {
      for (const [verdict, count] of found.verdicts) {
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + count);
      }
    }
    t.diagnostic(`seed ${seed}`);
    for (const [verdict, count] of [...verdicts].sort()) {
      t.diagnostic(`${count} ${verdict}`);
    }
    const wrong = findings.flatMap((found) => found.wrong);
    assert.deepEqual(wrong.slice(0, 5), [], `${wrong.length} are wrong`);
  });
});

async function runThread(task: Task, signal: AbortSignal): Promise<Findings> {
  const worker = new Worker(
    new URL("./property-run.test.js", import.meta.url),
    {
      workerData: task,
    },
  );
  const stop = () => worker.terminate();
  signal.addEventListener("abort", stop);
  try {
    return await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", (code) =>
        reject(new Error(`a thread ended with code ${code}`)),
      );
    });
  } finally {
    signal.removeEventListener("abort", stop);
    await stop();
  }
}
