import { setTimeout as delay } from "node:timers/promises";
import type { RealSystem } from "../real-system.js";
import type { ServiceName } from "../server-process.js";
import { type OutcomeCounts, settleResets } from "./call-outcome.js";
import { startLoad } from "./load.js";

/** The servers that are ended, in turns. */
export const victims: readonly ServiceName[] = ["edge", "revert-name", "time"];

/** A server that was told to end, and what happened to the calls. */
export interface EndedServer {
  readonly service: ServiceName;
  readonly counts: OutcomeCounts;
  /** From the signal to the end of the process. */
  readonly elapsedMs: number;
  readonly wrong: readonly string[];
}

/** How long the load goes on before, and after nobody listens any more. */
const loadMs = 800;
const afterMs = 200;

/** The default of SHUTDOWN_GRACE_MS. */
const graceMs = 8_000;

/** Ends a server by SIGTERM under load, and starts it again. */
export async function endServerUnderLoad(
  system: RealSystem,
  service: ServiceName,
): Promise<EndedServer> {
  const load = startLoad(system);
  await delay(loadMs);
  const server = system.server(service);
  const start = performance.now();
  server.kill("SIGTERM");
  const { code, signal } = await server.exited;
  const elapsedMs = performance.now() - start;
  await delay(afterMs);
  const counts = await load.stop();
  settleResets(counts, server.accepted);
  await system.restart(service);
  const wrong = counts.others.map(
    ({ kind, error }) => `${service} ended: ${kind}: ${error}`,
  );
  if (code !== 0) {
    wrong.push(`${service} ended by ${signal ?? code}`);
  }
  if (elapsedMs > graceMs) {
    wrong.push(`${service} took ${Math.round(elapsedMs)} ms to end`);
  }
  if (counts.answered === 0) {
    wrong.push("no call was answered");
  }
  return { service, counts, elapsedMs, wrong };
}
