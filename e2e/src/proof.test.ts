import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { needs, waitFor } from "@both-ends/testing";
import { torture } from "@both-ends/torture";
import { fillIn, readBoards } from "./proof-boards.js";
import { createCaller, type ProofCaller } from "./proof-caller.js";
import { compareCounts, readSettledCounts } from "./proof-counts.js";
import { hasData, listMissing, provePanels } from "./proof-panels.js";
import { type ProofPrometheus, startPrometheus } from "./proof-prometheus.js";
import { type ServiceName, type System, startSystem } from "./use-system.js";

/** What is needed: Debian's package brings Prometheus together with promtool. */
const { skip } = needs("promtool");
const options = { ...needsDatabase(), ...(skip === false ? {} : { skip }) };

/** How often the counter has grown that grew least often, of all that calls move. */
const grown =
  'min(changes({__name__=~"grpc_(client|server)_handled_total", job=~"caller|edge|time|revert-name"}[2m]))';

/** The rate of the steady load, in calls per second. */
const rate = 50;

suite("dashboards and rules on a real Prometheus", options, () => {
  let system: System;
  let caller: ProofCaller;
  let prometheus: ProofPrometheus;
  let begin = 0;
  /** Since the load began, in seconds. */
  const range = () => Math.ceil((Date.now() - begin) / 1000) + 1;

  before(
    async () => {
      system = await startSystem();
      caller = await createCaller(system);
      prometheus = await startPrometheus({
        system,
        more: { caller: caller.metrics },
      });
      begin = Date.now();
      // Counters that begin to exist show a rate from their second value on.
      await waitFor(
        "every kind of call to have been seen growing",
        async () => {
          await caller.callEverything();
          await callWhatIsNotThere(system);
          const [slowest] = await prometheus.query(grown);
          return (slowest?.values[0] ?? 0) >= 2;
        },
        { timeoutMs: 60_000, intervalMs: 500 },
      );
    },
    { timeout: 300_000 },
  );
  after(async () => {
    await prometheus?.stop();
    caller?.close();
    await system?.stop();
  });

  test("count exactly the calls that were made", {
    timeout: 120_000,
  }, async (t) => {
    const earlier = await readSettledCounts(prometheus);
    const result = await torture({
      targets: urls(system),
      rate,
      durationMs: 8000,
      // A watcher that leaves before a second tick is due gets one for sure.
      ticks: 1,
      tickIntervalMs: 60_000,
      seed: 1,
    });
    assert.deepEqual(result.mismatches, []);
    const counters = await compareCounts(prometheus, earlier, result);
    t.diagnostic(
      `${counters} counters grew by exactly what ${result.calls} calls make`,
    );
  });

  test("show the rate of a steady load to 5 %", {
    timeout: 120_000,
  }, async (t) => {
    const load = torture({
      targets: urls(system),
      methods: ["RevertName"],
      protocols: ["grpc"],
      rate,
      faultRatio: 0,
      durationMs: 13_000,
    });
    // The panel's window and some scrapes, well within the load.
    await delay(11_500);
    const shown = await readPanel(prometheus, "Server side", "RPS by method");
    const { callsPerSecond } = await load;
    t.diagnostic(
      `${shown.toFixed(2)} calls/s shown, ${callsPerSecond.toFixed(2)} made`,
    );
    assert.ok(
      Math.abs(shown / callsPerSecond - 1) <= 0.05,
      `${shown} calls/s shown, ${callsPerSecond} made`,
    );
  });

  test("show the p95 that the caller measured, to the bucket", {
    timeout: 120_000,
  }, async (t) => {
    const measured = await measureP95(caller);
    for (const title of ["Server side", "Client side"]) {
      const shown = await readPanel(prometheus, title, "Latency p95 by method");
      t.diagnostic(
        `${title}: p95 ${shown.toFixed(3)} s shown, ${measured.toFixed(3)} s measured`,
      );
      assert.ok(
        Math.abs(bucketOf(shown) - bucketOf(measured)) <= 1,
        `${title}: ${shown} s shown, ${measured} s measured`,
      );
    }
  });

  test("return data for every query of every panel", {
    timeout: 240_000,
  }, async (t) => {
    const boards = await readBoards();
    const proof = await provePanels(boards, prometheus, begin);
    t.diagnostic(
      `${boards.length} dashboards, ${proof.panels} panels, ${proof.queries} queries, asked ${proof.asked} times; ${proof.gaps.length} rightly empty`,
    );
    assert.deepEqual(proof.mistakes, []);
  });

  test("would miss a metric that is not there", {
    timeout: 120_000,
  }, async () => {
    const [board] = (await readBoards()).filter(
      ({ title }) => title === "Server side",
    );
    assert.ok(board);
    const [panel] = board.panels.filter(({ title }) => title === "Success");
    assert.ok(panel);
    const [query] = panel.queries;
    assert.ok(query);
    const expr = query.expr.replace("handled_total", "handeled_total");
    const broken = {
      ...board,
      panels: [{ ...panel, queries: [{ ...query, expr }] }],
      queriesOf: () => [{ ...query, expr }],
    };
    const { mistakes } = await provePanels([broken], prometheus, begin);
    assert.match(mistakes.join("\n"), /no series grpc_server_handeled_total/);
  });

  test("load every rule, and have what every rule looks at", {
    timeout: 120_000,
  }, async (t) => {
    const rules = await waitFor(
      "every rule to have been evaluated",
      async () => {
        const loaded = await prometheus.rules();
        return loaded.every(({ health }) => health === "ok") && loaded;
      },
      { timeoutMs: 60_000, intervalMs: 500 },
    );
    const mistakes: string[] = [];
    for (const { name, type, query } of rules) {
      const missing = await listMissing(prometheus, query, range());
      mistakes.push(...missing.map((selector) => `${name}: no ${selector}`));
      if (type === "recording" && !hasData(await prometheus.query(name))) {
        mistakes.push(`${name}: no data`);
      }
    }
    const recording = rules.filter(({ type }) => type === "recording").length;
    t.diagnostic(
      `${rules.length} rules: ${recording} recording, ${rules.length - recording} alerting`,
    );
    assert.ok(rules.length >= 31, String(rules.length));
    assert.deepEqual(mistakes, []);
  });
});

function urls(system: System): Record<ServiceName, string> {
  const { time, "revert-name": revertName, edge } = system.services;
  return {
    time: `http://${time.web}`,
    "revert-name": `http://${revertName.web}`,
    edge: `http://${edge.web}`,
  };
}

/** An RPC that does not exist, and a probe of health, over plain HTTP. */
async function callWhatIsNotThere(system: System): Promise<void> {
  for (const { web } of Object.values(system.services)) {
    await fetch(`http://${web}/no.such.Service/Method`, {
      method: "POST",
      headers: { "content-type": "application/grpc" },
    });
    await fetch(`http://${web}/grpc.health.v1.Health/Check`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
  }
}

/** What a panel shows now for RevertName. */
async function readPanel(
  prometheus: ProofPrometheus,
  title: string,
  panelTitle: string,
): Promise<number> {
  const board = (await readBoards()).find((one) => one.title === title);
  const panel = board?.panels.find((one) => one.title === panelTitle);
  const query = panel?.queries[0];
  if (board === undefined || query === undefined) {
    throw new Error(`no panel ${panelTitle} on ${title}`);
  }
  const choice = { name: "method", value: "RevertName" };
  const expr = fillIn(board, query.expr, choice, 60);
  const [series] = await prometheus.query(expr);
  return series?.values[0] ?? Number.NaN;
}

/** Two kinds of calls: the slow ones are more than one in twenty. */
async function measureP95(caller: ProofCaller): Promise<number> {
  const seconds: number[] = [];
  const calls: Promise<void>[] = [];
  for (let index = 0; index < 400; index++) {
    const pause = delay(25);
    const begin = performance.now();
    const call = caller.revertSlowly(index % 10 === 0 ? 300 : 30);
    calls.push(
      call.then(() => {
        seconds.push((performance.now() - begin) / 1000);
      }),
    );
    await pause;
  }
  await Promise.all(calls);
  seconds.sort((a, b) => a - b);
  return seconds[Math.ceil(seconds.length * 0.95) - 1] ?? Number.NaN;
}

/** The bounds of the buckets above a tenth of a millisecond, in seconds. */
const bounds = [
  0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
  2.5, 5, 10,
];

function bucketOf(seconds: number): number {
  const index = bounds.findIndex((bound) => seconds <= bound);
  return index < 0 ? bounds.length : index;
}
