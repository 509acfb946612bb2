import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { createWorkerJobs } from "@both-ends/jobs";
import { connectDatabase } from "@both-ends/mongo";
import { needsDatabase, useDatabase } from "@both-ends/mongo/test-database";
import { waitFor } from "@both-ends/testing";
import { Registry } from "prom-client";
import { observeJobs } from "./job-metrics.js";

suite("observeJobs()", { ...needsDatabase(), timeout: 60_000 }, () => {
  test("counts what the history says, over two workers", async (t) => {
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
    const db = connection.db("jobs");
    const now = Date.now();
    // A run of a worker that was killed.
    await db
      .collection<Record<string, unknown> & { _id: string }>("job_runs")
      .insertOne({
        _id: "flaky@before",
        job: "flaky",
        worker: "killed",
        lock_id: "gone",
        lock_expires_at: new Date(now - 1_000),
        outcome: "running",
        started_at: new Date(now - 60_000),
      });
    const registries = [new Registry(), new Registry()];
    const workers = registries.map((registry, i) => {
      let runs = 0;
      const worker = createWorkerJobs({
        db,
        worker: `test:${i}`,
        processEveryMs: 100,
        jobs: [
          {
            name: "flaky",
            description: "Fails now and then",
            every: 1_000,
            timeoutMs: 5_000,
            lockLifetimeMs: 1_000,
            async run() {
              runs += 1;
              await delay(20);
              if (runs % 3 === 0) {
                throw new Error("now and then");
              }
              return "";
            },
          },
        ],
      });
      observeJobs(worker, db, registry);
      worker.start();
      return worker;
    });
    await waitFor(
      "8 runs",
      async () => {
        return (await db.collection("job_runs").countDocuments({})) > 8;
      },
      { timeoutMs: 30_000 },
    );
    await Promise.all(workers.map((worker) => worker.close()));
    const counts: Record<string, number> = {};
    for (const registry of registries) {
      const text = await registry.metrics();
      for (const [, outcome, n] of text.matchAll(
        /^agenda_job_runs_total\{job_name="flaky",outcome="(\w+)"\} (\d+)$/gm,
      )) {
        counts[String(outcome)] = (counts[String(outcome)] ?? 0) + Number(n);
      }
    }
    const history: Record<string, number> = {};
    for (const { outcome } of await db
      .collection("job_runs")
      .find()
      .toArray()) {
      history[outcome] = (history[outcome] ?? 0) + 1;
    }

    assert.deepEqual(counts, history);
    assert.equal(counts.lost, 1);
  });
});
