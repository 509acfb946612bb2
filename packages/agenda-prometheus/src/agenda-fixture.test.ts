import type { TestContext } from "node:test";
import { MongoBackend } from "@agendajs/mongo-backend";
import { connectDatabase } from "@both-ends/mongo";
import { type TestDatabase, useDatabase } from "@both-ends/mongo/test-database";
import { Agenda, type AgendaOptions } from "agenda";
import type { Db } from "mongodb";
import { Registry } from "prom-client";
import {
  type AgendaMetrics,
  type AgendaMetricsOptions,
  attachAgendaMetrics,
} from "./index.js";

/** A database of a test, from which Agendas are made. */
export interface AgendaDatabase extends TestDatabase {
  readonly db: Db;
  /** Makes an Agenda that looks for jobs every 50 ms, and ends it after the test. */
  agenda(options?: Partial<AgendaOptions>): Promise<Agenda>;
}

/** Starts a database of the test's own. */
export async function useAgendaDatabase(
  t: Pick<TestContext, "after">,
): Promise<AgendaDatabase> {
  // What was made last is ended first: Agendas, the connection, the database.
  const ends: (() => unknown)[] = [];
  t.after(async () => {
    for (const end of ends.toReversed()) {
      await end();
    }
  });
  const database = await useDatabase({
    after: (end) => ends.push(end as () => unknown),
  });
  const connection = connectDatabase({ uri: database.uri });
  ends.push(() => connection.close());
  const db = connection.db("agenda");
  return {
    ...database,
    db,
    async agenda(options) {
      const agenda = new Agenda({
        backend: new MongoBackend({ mongo: db, ensureIndex: false }),
        processEvery: 50,
        // Agenda leaves a timer behind for half of it, which keeps a process.
        defaultLockLifetime: 2_000,
        ...options,
      });
      agenda.on("error", () => {});
      ends.push(() => agenda.stop(false).catch(() => {}));
      await agenda.ready;
      return agenda;
    },
  };
}

/** Metrics that a test can look at. */
export interface ObservedMetrics extends AgendaMetrics {
  readonly registry: Registry;
  /** The value of a series as it is written in an exposition, undefined if absent. */
  value(series: string): Promise<number | undefined>;
}

/** Attaches metrics with a registry of their own, without reading states. */
export function observe(
  agenda: Agenda,
  options: Partial<AgendaMetricsOptions> = {},
): ObservedMetrics {
  const registry = new Registry();
  const metrics = attachAgendaMetrics(agenda, {
    registry,
    jobStates: false,
    ...options,
  });
  return {
    ...metrics,
    registry,
    value: (series) => readValue(registry, series),
  };
}

/** Reads one series of a registry. */
export async function readValue(
  registry: Registry,
  series: string,
): Promise<number | undefined> {
  for (const line of (await registry.metrics()).split("\n")) {
    if (line.startsWith(`${series} `)) {
      return Number(line.slice(series.length));
    }
  }
  return undefined;
}
