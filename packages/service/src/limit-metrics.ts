import type { OnePort, ReachedLimit } from "fastify-one-port";
import { Counter, Gauge, type Registry } from "prom-client";

/** The variable of each limit for which a connection is refused or cut. */
const variables = {
  maxConnections: "MAX_CONNECTIONS",
  prefaceTimeoutMs: "PREFACE_TIMEOUT_MS",
  requestTimeoutMs: "REQUEST_TIMEOUT_MS",
  keepAliveTimeoutMs: "IDLE_TIMEOUT_MS",
  sessionIdleTimeoutMs: "IDLE_TIMEOUT_MS",
} as const satisfies Record<ReachedLimit, string>;

/** The variable behind an error of Node's HTTP/1.1 parser. */
const variablesOfErrors: Record<string, string> = {
  HPE_HEADER_OVERFLOW: "MAX_HEADER_BYTES",
  ERR_HTTP_REQUEST_TIMEOUT: "REQUEST_TIMEOUT_MS",
  ERR_TLS_HANDSHAKE_TIMEOUT: "PREFACE_TIMEOUT_MS",
};

/** Shows the connections of a server, and the limits that end them. */
export interface LimitMetrics {
  /** Counts a limit; for the option of the one port. */
  onLimit(limit: ReachedLimit): void;
  /** Follows a one port that has its app. */
  observe(onePort: OnePort): void;
}

/**
 * Creates `service_connections` and `service_limits_reached_total{limit}`,
 * whose label is the variable of the configuration that sets the limit. What
 * is refused call by call has a code, and is among the calls.
 */
export function createLimitMetrics(registry: Registry): LimitMetrics {
  const reached = new Counter({
    name: "service_limits_reached_total",
    help: "Connections and requests that a limit has refused or cut, by the variable that sets it.",
    labelNames: ["limit"],
    registers: [registry],
  });
  for (const limit of [
    ...Object.values(variables),
    ...Object.values(variablesOfErrors),
  ]) {
    reached.inc({ limit }, 0);
  }
  return {
    onLimit(limit) {
      reached.inc({ limit: variables[limit] });
    },
    observe(onePort) {
      new Gauge({
        name: "service_connections",
        help: "Open connections of the web port and the port for gRPC clients.",
        registers: [registry],
        collect() {
          this.set(onePort.connectionCount);
        },
      });
      // Failed handshakes come here, too, by Node's own listener.
      onePort.http1.on("clientError", (error: NodeJS.ErrnoException) => {
        const limit = variablesOfErrors[error.code ?? ""];
        if (limit !== undefined) {
          reached.inc({ limit });
        }
      });
    },
  };
}
