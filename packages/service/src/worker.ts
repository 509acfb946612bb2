import { createPruneRunsJob, createWorkerJobs } from "@both-ends/jobs";
import type { z } from "zod";
import type { ConfigSchema } from "./config.js";
import { listen } from "./http-app.js";
import { observeJobs } from "./job-metrics.js";
import { jobDatabase } from "./mount-admin.js";
import { createMetricsApp } from "./observation-routes.js";
import { createProcessContext } from "./process-context.js";
import type { RunningProcess } from "./server.js";
import type { ServiceDefinition } from "./service-definition.js";

/**
 * Starts the worker process of a service: its jobs, and its metrics. The
 * database need not be there yet. Resolves when the metrics port listens;
 * rejects, with all closed, if it cannot.
 */
export async function startWorker<Schema extends ConfigSchema>(
  definition: ServiceDefinition<Schema>,
  config: z.output<Schema>,
): Promise<RunningProcess> {
  const context = createProcessContext({
    service: definition.name,
    version: definition.version,
    role: "worker",
    config,
  });
  const close = () => context.close();
  try {
    const { logger, onClose, readiness } = context;
    const db = context.database().db(jobDatabase(definition.name));
    const jobs = createWorkerJobs({
      db,
      jobs: [...(await definition.worker(context)), createPruneRunsJob(db)],
      worker: config.INSTANCE_ID,
      logger,
    });
    const metrics = observeJobs(jobs, db, context.registry);
    onClose(() => metrics.detach());
    const app = await createMetricsApp(context);
    onClose(() => app.close());
    onClose(async () => {
      readiness.draining();
      await jobs.close();
    });
    const { HOST: host, WORKER_METRICS_PORT: port } = config;
    const address = await listen(app, { host, port });
    jobs.start();
    readiness.started();
    return { addresses: { metrics: address }, close };
  } catch (error) {
    await close();
    throw error;
  }
}
