import type { Metric } from "prom-client";
import type { Settings } from "./options.js";

/**
 * Registers all metrics or, if a name is taken and it throws, none. Gives back
 * the way to take them out of the registry again.
 */
export function registerMetrics(
  registry: Settings["registry"],
  metrics: readonly Metric[],
): () => void {
  // By the name they were registered with: an OpenMetrics registry cuts
  // `_total` from a counter's.
  const registered = new Map<string, Metric>();
  const unregister = () => {
    for (const [name, metric] of registered) {
      if (registry.getSingleMetric(name) === metric) {
        registry.removeSingleMetric(name);
      }
    }
  };
  try {
    for (const metric of metrics) {
      registry.registerMetric(metric);
      // prom-client's types leave it out.
      registered.set((metric as Metric & { name: string }).name, metric);
    }
  } catch (error) {
    unregister();
    throw error;
  }
  return unregister;
}
