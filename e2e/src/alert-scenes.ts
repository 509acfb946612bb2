import { setTimeout as delay } from "node:timers/promises";
import { waitFor } from "@both-ends/testing";
import type { ProofCaller } from "./proof-caller.js";
import type { ProofPrometheus } from "./proof-prometheus.js";
import type { System } from "./use-system.js";

/** What scenes may do harm to. */
export interface Stage {
  readonly system: System;
  readonly caller: ProofCaller;
  readonly prometheus: ProofPrometheus;
  /** Stops the database, as SIGSTOP does, and lets it go on. */
  readonly database: { stop(): void; resume(): void };
}

/** Something that goes wrong, and the alerts that tell of it. */
export interface Scene {
  readonly what: string;
  readonly alerts: readonly string[];
  /** Goes on doing harm until the signal, then makes it good. */
  harm(stage: Stage, signal: AbortSignal): Promise<void>;
}

/** Every scene, in an order in which none is in another's way. */
export const scenes: readonly Scene[] = [
  {
    what: "half of the calls to RevertName fail with Internal, directly and through edge",
    alerts: [
      "ServerErrorsBurnFast",
      "ServerErrorsBurnSlowly",
      "ClientErrorsBurnFast",
      "ClientErrorsBurnSlowly",
    ],
    async harm({ system, caller }, signal) {
      const edge = system.services.edge.web;
      while (!signal.aborted) {
        await Promise.all([
          caller.revert("internal").catch(() => {}),
          caller.revert("Rodrigo"),
          fetch(`http://${edge}/proxy/internal/`),
          fetch(`http://${edge}/proxy/Rodrigo/`),
        ]);
        await delay(50);
      }
    },
  },
  {
    what: "RevertName takes 1.5 s",
    alerts: ["ServerLatencyHigh", "ClientLatencyHigh"],
    async harm({ caller }, signal) {
      while (!signal.aborted) {
        await Promise.all([1, 2, 3].map(() => caller.revertSlowly(1500)));
      }
    },
  },
  {
    what: "a call to RevertName is held for 30 s and no other ends",
    alerts: ["ServerCallsStuck", "ClientCallsStuck"],
    async harm({ caller }, signal) {
      await caller.revertSlowly(30_000, signal).catch(() => {});
    },
  },
  {
    what: "100 calls at once to a server that takes 50",
    alerts: ["CallsShed"],
    async harm({ caller }, signal) {
      while (!signal.aborted) {
        await Promise.all(
          Array.from({ length: 100 }, () =>
            caller.revertSlowly(400).catch(() => {}),
          ),
        );
      }
    },
  },
  {
    what: "time's server is stopped for 1.2 s, and over and over for 0.2 s",
    alerts: ["EventLoopBlocked", "EventLoopLag"],
    async harm({ system }, signal) {
      const pid = await system.pid("time", "server");
      while (!signal.aborted) {
        // Once more and again: a scrape that gave up waiting has reset the
        // longest lag before anyone saw it.
        await stopFor(pid, 1200);
        for (let stops = 0; stops < 15 && !signal.aborted; stops++) {
          await delay(100);
          await stopFor(pid, 200);
        }
      }
    },
  },
  {
    what: "time's worker is killed three times",
    alerts: ["ProcessRestarts"],
    async harm({ system, prometheus }, signal) {
      for (let deaths = 0; deaths < 3; deaths++) {
        const start = await startTime(prometheus, "time-worker");
        process.kill(await system.pid("time", "worker"), "SIGKILL");
        await waitFor(
          "the new worker to be scraped",
          async () => (await startTime(prometheus, "time-worker")) > start,
          { timeoutMs: 30_000 },
        );
      }
      await until(signal);
    },
  },
  {
    what: "revert-name's worker hangs",
    alerts: ["TargetDown", "HeartbeatLate", "HeartbeatDown"],
    async harm({ system }, signal) {
      const pid = await system.pid("revert-name", "worker");
      await stopUntil(pid, signal);
    },
  },
  {
    what: "Prometheus no longer finds time's server",
    alerts: ["TargetAbsent"],
    async harm({ prometheus }, signal) {
      await prometheus.lose("time");
      await until(signal);
      await prometheus.findAll();
    },
  },
  {
    what: "the database hangs",
    alerts: ["HeartbeatsUnknown"],
    async harm({ database }, signal) {
      database.stop();
      await until(signal);
      database.resume();
    },
  },
  {
    what: "edge hangs, so that no worker's heartbeat arrives",
    alerts: ["JobFails", "JobOverdue"],
    async harm({ system }, signal) {
      await stopUntil(await system.pid("edge", "server"), signal);
    },
  },
  {
    what: "the database hangs for 30 s, so that jobs begin late",
    alerts: ["JobStartsLate"],
    async harm({ database }, signal) {
      database.stop();
      await delay(30_000);
      database.resume();
      await until(signal);
    },
  },
  {
    what: "time's worker is killed within a run, while edge hangs",
    alerts: ["JobRunsLost"],
    async harm({ system, prometheus }, signal) {
      const edge = await system.pid("edge", "server");
      process.kill(edge, "SIGSTOP");
      await waitFor(
        "a run in flight",
        async () => {
          const [run] = await prometheus.query(
            'sum(agenda_job_runs_in_flight{job="time-worker"}) > 0',
          );
          return run !== undefined;
        },
        { timeoutMs: 40_000 },
      );
      process.kill(await system.pid("time", "worker"), "SIGKILL");
      process.kill(edge, "SIGCONT");
      await until(signal);
    },
  },
];

async function startTime(
  prometheus: ProofPrometheus,
  job: string,
): Promise<number> {
  const [series] = await prometheus.query(
    `process_start_time_seconds{job="${job}"}`,
  );
  return series?.values[0] ?? 0;
}

async function stopFor(pid: number, ms: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await delay(ms);
  process.kill(pid, "SIGCONT");
}

async function stopUntil(pid: number, signal: AbortSignal): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await until(signal);
  process.kill(pid, "SIGCONT");
}

async function until(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise((resolve) => {
      signal.addEventListener("abort", resolve, { once: true });
    });
  }
}
