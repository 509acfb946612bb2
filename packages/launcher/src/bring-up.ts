import { redactUri } from "@both-ends/mongo";
import type { DatabaseGate } from "./database-gate.js";
import type { Plan, ProcessPlan } from "./plan.js";
import {
  type Readiness,
  type ReadinessTarget,
  waitUntilReady,
} from "./readiness.js";
import type { Supervisor } from "./supervisor.js";

/** What {@link bringUp} starts, and how long it waits. */
export interface BringUpOptions {
  plan: Plan;
  supervisor: Supervisor;
  gate: DatabaseGate;
  /** Hears of every step. */
  say: (text: string) => void;
  /** Ends the wait with its reason. */
  signal: AbortSignal;
  /**
   * How long the database may take; the first start may have to build one. By
   * default, 900,000.
   */
  databaseTimeoutMs?: number;
  /** How long the servers may take, and then the workers. By default, 60,000. */
  readyTimeoutMs?: number;
  /** How long they may be degraded as a part of it. By default, 3,000. */
  degradedGraceMs?: number;
}

/**
 * Starts the database, then the servers, then the workers (their first
 * heartbeat finds someone to answer it), and waits until all are ready.
 * Answers what each process says of itself, by its name.
 */
export async function bringUp(
  options: BringUpOptions,
): Promise<Map<string, Readiness>> {
  const { plan, supervisor, gate, say, signal } = options;
  const { databaseTimeoutMs = 900_000, readyTimeoutMs } = options;
  if (plan.database === undefined) {
    say(`using the database ${redactUri(plan.mongodbUri)} (MONGODB_URI)`);
  } else {
    say(`starting the database (${plan.mongodbUri})`);
    supervisor.start(plan.database);
    await gate.waitUntilReady(databaseTimeoutMs, signal);
  }
  const startAll = (role: ProcessPlan["role"]) => {
    const started = plan.processes.filter((process) => process.role === role);
    say(`starting ${started.map(({ name }) => name).join(", ")}`);
    for (const process of started) {
      supervisor.start(process);
    }
    return started.flatMap(({ name, readyUrl }): ReadinessTarget[] =>
      readyUrl === undefined ? [] : [{ name, readyUrl }],
    );
  };
  const bounds = { signal, onProgress: say, timeoutMs: readyTimeoutMs };
  const servers = startAll("server");
  // Degraded is good enough here: what a server lacks may come with the rest.
  const first = await waitUntilReady(servers, {
    ...bounds,
    degradedGraceMs: 0,
  });
  const lacking = servers.filter(
    ({ name }) => first.get(name)?.status !== "ready",
  );
  const second = await waitUntilReady([...lacking, ...startAll("worker")], {
    ...bounds,
    degradedGraceMs: options.degradedGraceMs,
  });
  if (plan.observers?.length) {
    // The system is up without them: nobody waits for them.
    startAll("observer");
  }
  return new Map([...first, ...second]);
}
