import assert from "node:assert/strict";
import { once } from "node:events";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { observe, useAgendaDatabase } from "./agenda-fixture.test.js";
import type { AgendaMetricsOptions } from "./index.js";
import { resolveOptions } from "./options.js";

suite(
  "attachAgendaMetrics(agenda, { … })",
  {
    ...needsDatabase(),
    timeout: 60_000,
  },
  () => {
    test("counts names over the limit as other", async (t) => {
      const database = await useAgendaDatabase(t);
      const agenda = await database.agenda();
      const metrics = observe(agenda, { maxJobNames: 2 });
      for (const name of ["a", "b", "c", "d"]) {
        agenda.define(name, async () => {});
      }
      const text = await metrics.registry.metrics();
      const names = new Set(
        [...text.matchAll(/job_name="(\w+)"/g)].map(([, name]) => name),
      );
      assert.deepEqual([...names], ["a", "b", "other"]);
      await agenda.start();
      await agenda.now("d");
      await once(agenda, "complete:d");
      const series =
        'agenda_job_runs_total{job_name="other",outcome="success"}';
      assert.equal(await metrics.value(series), 1);
    });

    test("leaves out what the filter refuses", async (t) => {
      const database = await useAgendaDatabase(t);
      const agenda = await database.agenda();
      const metrics = observe(agenda, {
        filter: (name) => {
          assert.notEqual(name, "thrown");
          return name !== "refused";
        },
        jobStates: {},
      });
      for (const name of ["refused", "thrown", "counted"]) {
        agenda.define(name, async () => {});
      }
      await agenda.start();
      for (const name of ["refused", "thrown", "counted"]) {
        const ended = once(agenda, `success:${name}`);
        await agenda.now(name);
        await ended;
      }
      metrics.countLost("refused");
      const text = await metrics.registry.metrics();
      assert.doesNotMatch(text, /refused|thrown/);
      assert.match(text, /started_total\{job_name="counted"\} 1/);
    });

    test("puts prefix and constant labels on all series", async (t) => {
      const database = await useAgendaDatabase(t);
      const agenda = await database.agenda();
      const metrics = observe(agenda, {
        prefix: "shop_",
        constLabels: { queue: "mail" },
        jobStates: {},
      });
      agenda.define("job", async () => {});
      const lines = (await metrics.registry.metrics())
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"));
      assert.ok(lines.length > 30);
      for (const line of lines) {
        assert.match(line, /^shop_agenda_.*queue="mail"/);
      }
    });

    test("takes buckets, and leaves histograms out", async (t) => {
      const database = await useAgendaDatabase(t);
      const agenda = await database.agenda();
      const metrics = observe(agenda, {
        durationBuckets: [1, 60],
        delayBuckets: false,
      });
      agenda.define("job", async () => {});
      const text = await metrics.registry.metrics();
      const bounds = [...text.matchAll(/duration\w+bucket\{le="([^"]+)"/g)];
      assert.deepEqual(
        bounds.map(([, bound]) => bound),
        ["1", "60", "+Inf"],
      );
      assert.doesNotMatch(text, /delay/);
    });

    test("measures the delay from the time it is told", async (t) => {
      const database = await useAgendaDatabase(t);
      const agenda = await database.agenda();
      const metrics = observe(agenda, {
        scheduledFor: ({ lastRunAt }) =>
          new Date(Number(lastRunAt?.getTime()) - 3_000),
      });
      agenda.define("job", async () => {});
      await agenda.start();
      await agenda.now("job");
      await once(agenda, "complete:job");
      const sum = await metrics.value(
        'agenda_job_start_delay_seconds_sum{job_name="job"}',
      );
      assert.equal(sum, 3);
    });

    test("refuses metrics that are there already, and registers none", async (t) => {
      const database = await useAgendaDatabase(t);
      const { registry, detach } = observe(await database.agenda(), {
        jobStates: {},
      });
      const agenda = await database.agenda();
      assert.throws(
        () => observe(agenda, { registry, prefix: "" }),
        /agenda_job_runs_started_total has already been registered/,
      );
      assert.equal(agenda.listenerCount("start"), 0);
      const other = observe(agenda, { registry, prefix: "other_" });
      detach();
      other.detach();
      assert.equal(registry.getMetricsAsArray().length, 0);
    });
  },
);

suite("resolveOptions", () => {
  const wrong: [string, Partial<AgendaMetricsOptions>, RegExp][] = [
    ["buckets that fall", { delayBuckets: [2, 1] }, /delayBuckets must be asc/],
    [
      "an endless bucket",
      { durationBuckets: [1, Infinity] },
      /durationBuckets/,
    ],
    ["a prefix", { prefix: "1" }, /prefix "1" cannot begin/],
    ["a label", { constLabels: { "a-b": "" } }, /"a-b" is no name/],
    ["a label that is taken", { constLabels: { job_name: "" } }, /is taken/],
    ["no names", { maxJobNames: 0 }, /maxJobNames must be .* got 0/],
    ["no jobs", { jobStates: { maxJobs: 0 } }, /maxJobs must be .* got 0/],
    ["a timeout", { jobStates: { timeoutMs: -1 } }, /timeoutMs .* got -1/],
  ];
  for (const [what, options, message] of wrong) {
    test(`refuses ${what}`, () => {
      assert.throws(
        // Nothing is registered before options are checked.
        () => resolveOptions(options as AgendaMetricsOptions),
        message,
      );
    });
  }
});
