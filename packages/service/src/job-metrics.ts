import type { EventEmitter } from "node:events";
import { listJobs, type WorkerJobs } from "@both-ends/jobs";
import { type AgendaMetrics, attachAgendaMetrics } from "agenda-prometheus";
import type { Db } from "mongodb";
import type { Registry, RegistryContentType } from "prom-client";

/**
 * Counts the runs of a worker in `registry`. Lost runs are those of the
 * history, and jobs have the states that people see.
 */
export function observeJobs(
  { agenda }: Pick<WorkerJobs, "agenda">,
  db: Db,
  registry: Registry<RegistryContentType>,
): AgendaMetrics {
  const metrics = attachAgendaMetrics(agenda, {
    registry,
    detectLost: false,
    scheduledFor: (job) =>
      "scheduledFor" in job && job.scheduledFor instanceof Date
        ? job.scheduledFor
        : undefined,
    jobStates: { read: () => countStates(db) },
  });
  // Agenda's types do not know the event.
  const events: EventEmitter = agenda;
  events.on("lost", ({ name }: { name: string }) => metrics.countLost(name));
  return metrics;
}

async function countStates(db: Db): Promise<Record<string, number>> {
  const states = { active: 0, running: 0, paused: 0, removed: 0 };
  for (const { state, locked } of await listJobs(db)) {
    states[locked ? "running" : state] += 1;
  }
  return states;
}
