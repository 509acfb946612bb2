import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { waitFor } from "@both-ends/testing";
import { observe, useAgendaDatabase } from "./agenda-fixture.test.js";
import { createJobStatesReader } from "./job-states.js";

const errors = "agenda_jobs_read_errors_total";

suite("agenda_jobs", { ...needsDatabase(), timeout: 60_000 }, () => {
  test("counts jobs by state, each job once", async (t) => {
    const database = await useAgendaDatabase(t);
    const agenda = await database.agenda();
    const metrics = observe(agenda, { jobStates: {} });
    agenda.define("job", async () => {});
    await agenda.schedule(new Date(Date.now() + 60_000), "job");
    await agenda.schedule(new Date(Date.now() - 60_000), "job");
    await agenda.create("job").repeatEvery("1 hour").save();
    await agenda.create("job").repeatEvery("1 hour").disable().save();
    const text = await metrics.registry.metrics();
    const states = Object.fromEntries(
      [...text.matchAll(/^agenda_jobs\{state="(\w+)"\} (\d+)$/gm)].map(
        ([, state, count]) => [state, Number(count)],
      ),
    );
    assert.deepEqual(states, {
      running: 0,
      scheduled: 1,
      queued: 1,
      completed: 0,
      failed: 0,
      repeating: 1,
      paused: 1,
    });
    assert.equal(await metrics.value(errors), 0);
  });

  test("is absent when there are more jobs than may be read", async (t) => {
    const database = await useAgendaDatabase(t);
    const agenda = await database.agenda();
    const metrics = observe(agenda, { jobStates: { maxJobs: 2 } });
    for (let i = 0; i < 3; i += 1) {
      await agenda.create("job").save();
    }
    assert.equal(await metrics.value(errors), 1);
    assert.doesNotMatch(await metrics.registry.metrics(), /^agenda_jobs\{/m);
  });

  test("is absent while the database hangs or is away, and the scrape goes on", async (t) => {
    const database = await useAgendaDatabase(t);
    const agenda = await database.agenda();
    const metrics = observe(agenda, {
      jobStates: { maxAgeMs: 0, timeoutMs: 1_000 },
    });
    agenda.define("job", async () => {});
    const completed = 'agenda_jobs{state="completed"}';
    assert.equal(await metrics.value(completed), 0);
    for (const end of [database.stop, database.kill]) {
      await end();
      const began = performance.now();
      const text = await metrics.registry.metrics();
      assert.ok(performance.now() - began < 5_000);
      assert.doesNotMatch(text, /^agenda_jobs\{/m);
      assert.match(text, /^agenda_job_runs_started_total/m);
    }
    assert.equal(await metrics.value(errors), 3);
    await database.restart();
    await waitFor("the database to be read again", async () => {
      return (await metrics.value(completed)) === 0;
    });
  });
});

suite("createJobStatesReader", { timeout: 10_000 }, () => {
  const times = { maxAgeMs: 60_000, timeoutMs: 50 };

  test("reads once for scrapes at the same time and for those soon after", async () => {
    let reads = 0;
    const reader = createJobStatesReader(async () => {
      reads += 1;
      return { running: reads };
    }, times);
    assert.deepEqual(await Promise.all([reader.read(), reader.read()]), [
      { running: 1 },
      { running: 1 },
    ]);
    assert.deepEqual(await reader.read(), { running: 1 });
    assert.equal(reads, 1);
  });

  test("does not ask again while an answer is on its way, and uses it later", async () => {
    let reads = 0;
    let answer = (_: Record<string, number>) => {};
    const reader = createJobStatesReader(() => {
      reads += 1;
      return new Promise((resolve) => {
        answer = resolve;
      });
    }, times);
    assert.equal(await reader.read(), undefined);
    assert.equal(await reader.read(), undefined);
    assert.equal(reader.errors(), 2);
    answer({ running: 7 });
    await delay(0);
    assert.deepEqual(await reader.read(), { running: 7 });
    assert.equal(reads, 1);
  });

  test("keeps a failure as long as a result", async () => {
    let reads = 0;
    const reader = createJobStatesReader(() => {
      reads += 1;
      throw new Error("no");
    }, times);
    assert.equal(await reader.read(), undefined);
    assert.equal(await reader.read(), undefined);
    assert.equal(reads, 1);
    assert.equal(reader.errors(), 1);
  });
});
