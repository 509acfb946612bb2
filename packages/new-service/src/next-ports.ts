import type { PortName, ServiceDefinition } from "@both-ends/launcher";

/**
 * The next ports that no service has by default: upwards after the highest for
 * calls, downwards below the lowest for metrics.
 */
export function nextPorts(
  services: readonly Pick<ServiceDefinition, "ports">[],
): Record<PortName, number> {
  const all = (name: PortName) => services.map(({ ports }) => ports[name]);
  const lowest = Math.min(
    ...all("METRICS_PORT"),
    ...all("WORKER_METRICS_PORT"),
  );
  return {
    PORT: Math.max(...all("PORT")) + 1,
    GRPC_PORT: Math.max(...all("GRPC_PORT")) + 1,
    METRICS_PORT: lowest - 1,
    WORKER_METRICS_PORT: lowest - 2,
  };
}
