import assert from "node:assert/strict";
import { once } from "node:events";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { waitFor } from "@both-ends/testing";
import { observe, useAgendaDatabase } from "./agenda-fixture.test.js";

suite("detach", { ...needsDatabase(), timeout: 60_000 }, () => {
  test("leaves nothing behind, in the middle of a run", async (t) => {
    const database = await useAgendaDatabase(t);
    const agenda = await database.agenda();
    const names = () => agenda.eventNames().sort();
    const before = names();
    const metrics = observe(agenda, { jobStates: {} });
    assert.notDeepEqual(names(), before);
    let end = () => {};
    agenda.define("job", () => {
      return new Promise<void>((resolve) => {
        end = resolve;
      });
    });
    await agenda.start();
    await agenda.now("job");
    await once(agenda, "start:job");
    metrics.detach();
    metrics.detach();
    metrics.countLost("job");
    assert.deepEqual(names(), before);
    assert.equal(Object.hasOwn(agenda.db, "getNextJobToRun"), false);
    assert.equal(await metrics.registry.metrics(), "\n");
    const completed = once(agenda, "complete:job");
    end();
    await completed;
  });

  test("allows attaching anew, and a run in between is not counted", async (t) => {
    const database = await useAgendaDatabase(t);
    const agenda = await database.agenda();
    const first = observe(agenda);
    let end = () => {};
    agenda.define("job", () => {
      return new Promise<void>((resolve) => {
        end = resolve;
      });
    });
    await agenda.start();
    await agenda.now("job");
    await waitFor("the run", async () => {
      const series = 'agenda_job_runs_in_flight{job_name="job"}';
      return (await first.value(series)) === 1;
    });
    first.detach();
    const second = observe(agenda, { registry: first.registry });
    const ended = once(agenda, "complete:job");
    end();
    await ended;
    const value = (series: string) => first.value(series);
    assert.equal(await value('agenda_job_runs_in_flight{job_name="job"}'), 0);
    assert.equal(
      await value('agenda_job_runs_total{job_name="job",outcome="success"}'),
      0,
    );
    await agenda.now("job");
    await once(agenda, "start:job");
    assert.equal(await value('agenda_job_runs_in_flight{job_name="job"}'), 1);
    end();
    await once(agenda, "complete:job");
    second.detach();
  });

  test("takes its wrapper out from under another one", async (t) => {
    const database = await useAgendaDatabase(t);
    const agenda = await database.agenda();
    const first = observe(agenda);
    const second = observe(agenda);
    first.detach();
    agenda.define("job", async () => {});
    await agenda.start();
    await agenda.now("job");
    await once(agenda, "complete:job");
    const series = 'agenda_job_start_delay_seconds_count{job_name="job"}';
    assert.equal(await second.value(series), 1);
    second.detach();
  });
});
