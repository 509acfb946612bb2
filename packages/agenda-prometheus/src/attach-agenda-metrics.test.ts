import assert from "node:assert/strict";
import { once } from "node:events";
import { suite, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { needs, run, waitFor } from "@both-ends/testing";
import { InMemoryNotificationChannel } from "agenda";
import { observe, useAgendaDatabase } from "./agenda-fixture.test.js";

suite(
  "attachAgendaMetrics(agenda)",
  {
    ...needsDatabase(),
    timeout: 60_000,
  },
  () => {
    test("counts successes and failures, and how long they took", async (t) => {
      const database = await useAgendaDatabase(t);
      const agenda = await database.agenda();
      const metrics = observe(agenda);
      agenda.define("good", async () => {
        await delay(120);
      });
      agenda.define("bad", async () => {
        throw new Error("no");
      });
      await agenda.start();
      const before = Date.now() / 1_000;
      await agenda.now("good");
      await agenda.now("good");
      await agenda.now("bad");
      await waitFor("three runs", async () => {
        const good = 'agenda_job_runs_total{job_name="good",outcome="success"}';
        const bad = 'agenda_job_runs_total{job_name="bad",outcome="failure"}';
        return (
          (await metrics.value(good)) === 2 && (await metrics.value(bad)) === 1
        );
      });
      const expected = {
        'agenda_job_runs_started_total{job_name="good"}': 2,
        'agenda_job_runs_started_total{job_name="bad"}': 1,
        'agenda_job_runs_total{job_name="good",outcome="failure"}': 0,
        'agenda_job_runs_total{job_name="good",outcome="lost"}': 0,
        'agenda_job_runs_in_flight{job_name="good"}': 0,
        'agenda_job_run_duration_seconds_bucket{le="0.1",job_name="good"}': 0,
        'agenda_job_run_duration_seconds_count{job_name="good"}': 2,
        'agenda_job_run_duration_seconds_count{job_name="bad"}': 1,
        'agenda_job_start_delay_seconds_count{job_name="good"}': 2,
        'agenda_job_last_success_timestamp_seconds{job_name="bad"}': undefined,
      };
      for (const [series, value] of Object.entries(expected)) {
        assert.equal(await metrics.value(series), value, series);
      }
      const last = await metrics.value(
        'agenda_job_last_success_timestamp_seconds{job_name="good"}',
      );
      assert.ok(Number(last) > before && Number(last) <= Date.now() / 1_000);
    });

    test("shows a job that never ran at zero", async (t) => {
      const database = await useAgendaDatabase(t);
      const agenda = await database.agenda();
      const metrics = observe(agenda);
      agenda.define("idle", async () => {});
      assert.equal(
        await metrics.value('agenda_job_runs_started_total{job_name="idle"}'),
        0,
      );
      assert.equal(
        await metrics.value(
          'agenda_job_runs_total{job_name="idle",outcome="failure"}',
        ),
        0,
      );
    });

    test("knows what is in flight", async (t) => {
      const database = await useAgendaDatabase(t);
      const agenda = await database.agenda();
      const metrics = observe(agenda);
      const ends: (() => void)[] = [];
      agenda.define("long", () => new Promise<void>((end) => ends.push(end)));
      await agenda.start();
      for (let i = 0; i < 5; i += 1) {
        await agenda.now("long");
      }
      await waitFor("all to run", () => ends.length === 5);
      const inFlight = 'agenda_job_runs_in_flight{job_name="long"}';
      assert.equal(await metrics.value(inFlight), 5);
      ends.pop()?.();
      await waitFor(
        "one to end",
        async () => (await metrics.value(inFlight)) === 4,
      );
      for (const end of ends) {
        end();
      }
      await waitFor(
        "all to end",
        async () => (await metrics.value(inFlight)) === 0,
      );
      assert.equal(
        await metrics.value(
          'agenda_job_runs_total{job_name="long",outcome="success"}',
        ),
        5,
      );
    });

    test("measures how late a run began", async (t) => {
      const database = await useAgendaDatabase(t);
      const agenda = await database.agenda();
      const metrics = observe(agenda);
      agenda.define("late", async () => {});
      await agenda.schedule(new Date(Date.now() - 7_000), "late");
      await agenda.start();
      await once(agenda, "complete:late");
      const sum = await metrics.value(
        'agenda_job_start_delay_seconds_sum{job_name="late"}',
      );
      assert.ok(Number(sum) >= 7 && Number(sum) < 20, `${sum}`);
    });

    test("counts a run once whose end another listener spoils", async (t) => {
      const database = await useAgendaDatabase(t);
      const agenda = await database.agenda();
      agenda.on("success", () => {
        throw new Error("a listener");
      });
      const metrics = observe(agenda);
      agenda.define("spoilt", async () => {});
      await agenda.start();
      await agenda.now("spoilt");
      await once(agenda, "complete:spoilt");
      // Agenda stores it as a failure.
      for (const [outcome, count] of [
        ["success", 0],
        ["failure", 1],
      ]) {
        const series = `agenda_job_runs_total{job_name="spoilt",outcome="${outcome}"}`;
        assert.equal(await metrics.value(series), count, series);
      }
    });

    test("leaves out what other processes announce", async (t) => {
      const database = await useAgendaDatabase(t);
      const notificationChannel = new InMemoryNotificationChannel();
      const worker = await database.agenda({
        name: "worker",
        notificationChannel,
      });
      const watcher = await database.agenda({
        name: "watcher",
        notificationChannel,
      });
      const observed = observe(watcher);
      const counted = observe(worker);
      worker.define("job", async () => {});
      await watcher.start();
      await worker.start();
      await worker.now("job");
      await once(watcher, "complete:job");
      const series = 'agenda_job_runs_started_total{job_name="job"}';
      assert.equal(await counted.value(series), 1);
      assert.equal(await observed.value(series), undefined);
    });

    test("passes promtool check metrics", needs("promtool"), async (t) => {
      const database = await useAgendaDatabase(t);
      const agenda = await database.agenda();
      const metrics = observe(agenda, { jobStates: {} });
      agenda.define("job", async () => {});
      await agenda.start();
      await agenda.now("job");
      await once(agenda, "complete:job");
      const input = await metrics.registry.metrics();
      assert.match(input, /^agenda_jobs\{state="completed"\} 1$/m);
      const { code, stdout, stderr } = await run(
        "promtool",
        ["check", "metrics"],
        { input },
      );
      assert.equal(`${code}${stdout}${stderr}`, "0");
    });
  },
);
