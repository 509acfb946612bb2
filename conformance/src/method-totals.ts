import { setTimeout as delay } from "node:timers/promises";
import type { Registry } from "prom-client";

/** How many calls of a method began, and how many came to an end. */
export interface MethodTotals {
  started: number;
  handled: number;
  /** How many of them took the fast lane. */
  lane: number;
}

/** Totals by the name of the method. */
export type Totals = Record<string, MethodTotals>;

/** Sums the server metrics of a registry by method, over types and codes. */
export async function readTotals(registry: Registry): Promise<Totals> {
  const totals: Totals = {};
  for (const key of ["started", "handled"] as const) {
    const metric = await registry
      .getSingleMetric(`grpc_server_${key}_total`)
      ?.get();
    for (const { labels, value } of metric?.values ?? []) {
      const method = String(labels.grpc_method);
      totals[method] ??= { started: 0, handled: 0, lane: 0 };
      totals[method][key] += value;
    }
  }
  return totals;
}

/** Adds totals to those of a sum. */
export function addTotals(sum: Totals, totals: Totals): void {
  for (const [method, { started, handled, lane }] of Object.entries(totals)) {
    sum[method] ??= { started: 0, handled: 0, lane: 0 };
    sum[method].started += started;
    sum[method].handled += handled;
    sum[method].lane += lane;
  }
}

/** Whether every call that began has come to an end. */
export function allHandled(totals: Totals): boolean {
  return Object.values(totals).every(
    ({ started, handled }) => started === handled,
  );
}

/**
 * Reads the totals once every call has ended, or as they are after the limit:
 * the last calls may have been cancelled a moment ago.
 */
export async function settledTotals(
  registry: Registry,
  limitMs: number,
): Promise<Totals> {
  const end = performance.now() + limitMs;
  let totals = await readTotals(registry);
  while (!allHandled(totals) && performance.now() < end) {
    await delay(20);
    totals = await readTotals(registry);
  }
  return totals;
}
