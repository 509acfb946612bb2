import { Gauge, type Registry } from "prom-client";
import { heartbeatStates } from "./heartbeat-state.js";
import type { HeartbeatStore } from "./heartbeat-store.js";
import type { ServiceState } from "./list-states.js";

/** What is measured, and where it is shown. */
export interface HeartbeatMetricsOptions {
  readonly registry: Registry;
  readonly store: Pick<HeartbeatStore, "listStates">;
  /** How long a scrape waits for the database. By default, 1000. */
  readonly timeoutMs?: number;
  /** For how long what was read serves further scrapes. By default, 1000. */
  readonly cacheMs?: number;
}

/**
 * Registers two gauges that are read when they are scraped:
 *
 * - `heartbeat_last_seen_timestamp_seconds{service_name}`
 * - `heartbeat_services{state}`, each state there is, 0 too
 *
 * A scrape never fails by them: when the database is away or slow, they have
 * no series.
 */
export function registerHeartbeatMetrics(
  options: HeartbeatMetricsOptions,
): void {
  const { registry, store, timeoutMs = 1_000, cacheMs = 1_000 } = options;
  const read = shareReads(
    () =>
      store.listStates({}, { timeoutMs }).catch((): ServiceState[] | null => {
        return null;
      }),
    cacheMs,
  );
  registry.registerMetric(
    new Gauge({
      name: "heartbeat_last_seen_timestamp_seconds",
      help: "When the last beat of the service arrived, in seconds since the epoch.",
      labelNames: ["service_name"],
      registers: [],
      async collect() {
        const states = await read();
        this.reset();
        for (const { serviceName, lastSeen } of states ?? []) {
          this.set({ service_name: serviceName }, lastSeen.getTime() / 1000);
        }
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: "heartbeat_services",
      help: "Number of services by state: alive, late after 2 intervals without a beat, down after 4.",
      labelNames: ["state"],
      registers: [],
      async collect() {
        const states = await read();
        this.reset();
        for (const name of states === null ? [] : heartbeatStates) {
          const count = states?.filter(({ state }) => state === name).length;
          this.set({ state: name }, count ?? 0);
        }
      },
    }),
  );
}

// Both gauges of a scrape, and scrapers that come together, share one read.
function shareReads<T>(
  read: () => Promise<T>,
  cacheMs: number,
): () => Promise<T> {
  let result: Promise<T> | undefined;
  let readAt = Number.POSITIVE_INFINITY;
  return () => {
    if (result === undefined || performance.now() - readAt >= cacheMs) {
      readAt = Number.POSITIVE_INFINITY;
      result = read().finally(() => {
        readAt = performance.now();
      });
    }
    return result;
  };
}
