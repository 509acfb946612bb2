import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { suite, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { MongoBackend } from "@agendajs/mongo-backend";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { waitFor } from "@both-ends/testing";
import { Agenda } from "agenda";
import { observe, useAgendaDatabase } from "./agenda-fixture.test.js";

const lockLifetime = 400;
const { TEST_DATABASE_URI } = process.env;
const lost = 'agenda_job_runs_total{job_name="job",outcome="lost"}';
const succeeded = 'agenda_job_runs_total{job_name="job",outcome="success"}';
const started = 'agenda_job_runs_started_total{job_name="job"}';

if (TEST_DATABASE_URI !== undefined) {
  await runForEver(TEST_DATABASE_URI);
} else {
  suite(
    "attachAgendaMetrics(agenda), lost runs",
    {
      ...needsDatabase(),
      timeout: 60_000,
    },
    () => {
      test("counts the run of a killed worker when it is run again", async (t) => {
        const database = await useAgendaDatabase(t);
        const agenda = await database.agenda();
        await agenda.now("job");
        const child = fork(fileURLToPath(import.meta.url), {
          env: { ...process.env, TEST_DATABASE_URI: database.uri },
        });
        t.after(() => child.kill("SIGKILL"));
        await once(child, "message");
        child.kill("SIGKILL");
        await once(child, "exit");
        const metrics = observe(agenda);
        agenda.define("job", async () => {}, { lockLifetime });
        await agenda.start();
        await once(agenda, "complete:job");
        assert.equal(await metrics.value(lost), 1);
        assert.equal(await metrics.value(started), 1);
        assert.equal(await metrics.value(succeeded), 1);
        await agenda.now("job");
        await once(agenda, "complete:job");
        assert.equal(await metrics.value(lost), 1);
      });

      test("counts it once, although locks were taken in between", async (t) => {
        const database = await useAgendaDatabase(t);
        const agenda = await database.agenda();
        const metrics = observe(agenda);
        agenda.define("job", async () => {}, { lockLifetime });
        await agenda.every("1 hour", "job", undefined, { skipImmediate: true });
        const now = Date.now();
        // As a worker leaves it that dies in a run. The lock is taken at once,
        // and handed back, for the next run is far away.
        await database.db.collection("agendaJobs").updateOne(
          { name: "job" },
          {
            $set: {
              lockedAt: new Date(now - 60_000),
              lastRunAt: new Date(now - 60_000),
              lastFinishedAt: new Date(now - 3_600_000),
            },
          },
        );
        await agenda.start();
        await waitFor("the lock to be handed back", async () => {
          const [job] = (await agenda.queryJobs()).jobs;
          return job?.lockedAt === undefined;
        });
        assert.equal(await metrics.value(lost), 0);
        await database.db
          .collection("agendaJobs")
          .updateOne({ name: "job" }, { $set: { nextRunAt: new Date() } });
        await once(agenda, "complete:job");
        assert.equal(await metrics.value(lost), 1);
      });

      test("does not take a run for lost that goes on in this process", async (t) => {
        const database = await useAgendaDatabase(t);
        const agenda = await database.agenda();
        const metrics = observe(agenda);
        let ran = 0;
        // Longer than its lock lives, without touch(): Agenda starts it again.
        agenda.define(
          "job",
          async () => {
            ran += 1;
            await delay(ran === 1 ? 2 * lockLifetime : 1);
          },
          { lockLifetime },
        );
        await agenda.start();
        await agenda.now("job");
        await waitFor("both to end", async () => {
          return (await metrics.value(succeeded)) === 2;
        });
        assert.equal(await metrics.value(started), 2);
        assert.equal(await metrics.value(lost), 0);
      });

      test("counts what it is told of instead", async (t) => {
        const database = await useAgendaDatabase(t);
        const agenda = await database.agenda();
        const metrics = observe(agenda, { detectLost: false });
        agenda.define("job", async () => {});
        await agenda.now("job");
        await database.db
          .collection("agendaJobs")
          .updateOne({ name: "job" }, { $set: { lastRunAt: new Date() } });
        metrics.countLost("job");
        await agenda.start();
        await once(agenda, "complete:job");
        assert.equal(await metrics.value(lost), 1);
      });

      test("learns of the last success of another process", async (t) => {
        const database = await useAgendaDatabase(t);
        const agenda = await database.agenda();
        const metrics = observe(agenda);
        agenda.define("job", async () => {
          throw new Error("no");
        });
        await agenda.now("job");
        await database.db.collection("agendaJobs").updateOne(
          { name: "job" },
          {
            $set: {
              lastRunAt: new Date(4_000),
              lastFinishedAt: new Date(5_000),
            },
          },
        );
        await agenda.start();
        await once(agenda, "complete:job");
        const last =
          'agenda_job_last_success_timestamp_seconds{job_name="job"}';
        assert.equal(await metrics.value(last), 5);
      });
    },
  );
}

/** The worker that is killed: begins a run and does not end it. */
async function runForEver(uri: string): Promise<void> {
  const { connectDatabase } = await import("@both-ends/mongo");
  const mongo = connectDatabase({ uri }).db("agenda");
  const agenda = new Agenda({
    backend: new MongoBackend({ mongo, ensureIndex: false }),
    processEvery: 50,
  });
  agenda.define(
    "job",
    async () => {
      process.send?.("running");
      await delay(60_000);
    },
    { lockLifetime },
  );
  await agenda.start();
}
