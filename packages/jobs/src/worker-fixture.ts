// A worker process for tests: runs the job "tick" until it is killed, or told
// to close, and tells its parent when its work starts and ends.
import type { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { connectDatabase } from "@both-ends/mongo";
import { createWorkerJobs } from "./worker-jobs.js";

const { DATABASE_URI = "", TICK_MS = "2000", WORK_MS = "100" } = process.env;
const { LOCK_MS = "15000", WORKER = `worker:${process.pid}` } = process.env;
const { DATABASE_NAME = "jobs", PROCESS_EVERY_MS = "1000" } = process.env;
const database = connectDatabase({ uri: DATABASE_URI, appName: WORKER });

function tell(message: WorkerMessage): void {
  process.send?.(message);
}

/** What a worker process tells its parent. */
export type WorkerMessage =
  | { kind: "start" | "end"; runId: string; slot: string; at: number }
  | { kind: "lost"; runId: string };

const jobs = createWorkerJobs({
  db: database.db(DATABASE_NAME),
  worker: WORKER,
  processEveryMs: Number(PROCESS_EVERY_MS),
  jobs: [
    {
      name: "tick",
      description: "Ticks",
      every: Number(TICK_MS),
      lockLifetimeMs: Number(LOCK_MS),
      timeoutMs: 60_000,
      async run({ runId, scheduledFor, signal }) {
        const slot = scheduledFor.toISOString();
        tell({ kind: "start", runId, slot, at: Date.now() });
        try {
          await delay(Number(WORK_MS), undefined, { signal });
        } finally {
          tell({ kind: "end", runId, slot, at: Date.now() });
        }
        return slot;
      },
    },
  ],
});
const events: EventEmitter = jobs.agenda;
events.on("lost", ({ runId }: { runId: string }) => {
  tell({ kind: "lost", runId });
});
jobs.start();
process.once("disconnect", () => process.exit(1));
process.once("message", () => {
  void jobs
    .close({ timeoutMs: 4_000 })
    .then(() => database.close())
    .finally(() => process.exit(0));
});
