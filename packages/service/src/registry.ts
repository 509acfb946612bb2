import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

/**
 * Buckets for calls that take less than a millisecond, in seconds. With the
 * usual lowest bucket of 5 ms every latency panel would be fiction.
 */
export const serviceBuckets: readonly number[] = [
  0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
  2.5, 5, 10,
];

/**
 * Creates the registry of a process, with the metrics of Node and
 * `service_build_info{version,node_version}`, which is always 1.
 */
export function createRegistry(version: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // Gauges with the suffix of counters: `promtool check metrics` objects.
  // Those without `_total` say the same, by type.
  for (const resource of ["handles", "requests", "resources"]) {
    registry.removeSingleMetric(`nodejs_active_${resource}_total`);
  }
  new Gauge({
    name: "service_build_info",
    help: "The version of the service and of Node, in labels.",
    labelNames: ["version", "node_version"],
    registers: [registry],
  }).set({ version, node_version: process.version }, 1);
  return registry;
}
