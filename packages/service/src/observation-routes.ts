import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { hasBearerToken } from "./bearer-token.js";
import type { BaseConfig } from "./config.js";
import { createHttpApp } from "./http-app.js";
import type { Logger } from "./logger.js";
import { createProblem, sendProblem } from "./problem.js";
import type { Readiness } from "./readiness.js";

/** What {@link registerObservationRoutes} answers from. */
export interface ObservationOptions {
  registry: Registry;
  readiness: Readiness;
  /** The paths that answer the metrics. */
  metricsPaths: readonly string[];
  /** Bearer token that a scrape has to show. By default, none. */
  metricsToken?: string | undefined;
}

/**
 * Adds the routes that tell how a process is: its metrics in the text format
 * of Prometheus, `/healthz` (200 while it lives) and `/readyz` (503 while it
 * starts or drains, else 200).
 */
export function registerObservationRoutes(
  app: FastifyInstance,
  options: ObservationOptions,
): void {
  const { registry, readiness, metricsPaths, metricsToken } = options;
  for (const path of metricsPaths) {
    app.get(path, async (req, reply) => {
      const { authorization } = req.headers;
      if (metricsToken && !hasBearerToken(authorization, metricsToken)) {
        reply.header("www-authenticate", "Bearer");
        const detail = "metrics need the bearer token METRICS_TOKEN";
        return sendProblem(
          reply,
          createProblem(401, "unauthenticated", detail),
        );
      }
      reply.header("content-type", registry.contentType);
      return registry.metrics();
    });
  }
  app.get("/healthz", async () => ({ status: "alive" }));
  app.get("/readyz", async (_req, reply) => {
    const status = readiness.status();
    const ready = status.status === "ready" || status.status === "degraded";
    return reply.code(ready ? 200 : 503).send(status);
  });
}

/**
 * Creates the app of a metrics port, which answers the metrics on `/` and on
 * `/metrics`.
 */
export async function createMetricsApp(options: {
  config: BaseConfig;
  logger: Logger;
  registry: Registry;
  readiness: Readiness;
}): Promise<FastifyInstance> {
  const { config, logger, registry, readiness } = options;
  const app = await createHttpApp({
    logger,
    corsOrigins: [],
    maxBodyBytes: 1024,
  });
  registerObservationRoutes(app, {
    registry,
    readiness,
    metricsPaths: ["/", "/metrics"],
    metricsToken: config.METRICS_TOKEN,
  });
  return app;
}
