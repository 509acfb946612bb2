import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { needs, run, waitFor } from "@both-ends/testing";
import { readMetrics, sumOf } from "./read-metrics.js";
import { type System, startSystem } from "./use-system.js";

suite("the metrics of the running system", needsDatabase(), () => {
  let system: System;
  before(
    async () => {
      system = await startSystem();
      await fetch(`http://${system.services.edge.web}/proxy/Rodrigo/`);
      await waitFor(
        "the first heartbeat of every service",
        async () => {
          const samples = await readMetrics(system.services.edge.metrics);
          const name = "heartbeat_last_seen_timestamp_seconds";
          return samples.filter((sample) => sample.name === name).length === 3;
        },
        { timeoutMs: 30_000, intervalMs: 200 },
      );
    },
    { timeout: 300_000 },
  );
  after(() => system.stop());

  test(
    "are what promtool takes, wherever they are",
    needs("promtool"),
    async () => {
      for (const { web, metrics, workerMetrics } of Object.values(
        system.services,
      )) {
        for (const url of [
          `${web}/metrics`,
          `${web}/prometheus/metrics`,
          `${metrics}/`,
          `${metrics}/metrics`,
          `${workerMetrics}/`,
          `${workerMetrics}/metrics`,
        ]) {
          const res = await fetch(`http://${url}`);
          assert.equal(res.status, 200, url);
          assert.match(
            String(res.headers.get("content-type")),
            /^text\/plain; version=0\.0\.4/,
          );
          const { code, stdout, stderr } = await run(
            "promtool",
            ["check", "metrics"],
            { input: await res.text() },
          );
          assert.equal(`${stdout}${stderr}`, "", url);
          assert.equal(code, 0, url);
        }
      }
    },
  );

  test("show calls on servers, and on whoever makes them", async () => {
    const { time, "revert-name": revertName, edge } = system.services;
    const both = ["started_total", "handled_total", "msg_received_total"];
    const names = [...both, "msg_sent_total", "handling_seconds_count"];
    for (const [address, side, grpc_method] of [
      [time.metrics, "server", "WhatTimeIs"],
      [revertName.metrics, "server", "RevertName"],
      [edge.metrics, "server", "BeatHeart"],
      [edge.metrics, "client", "RevertName"],
      [edge.metrics, "client", "WhatTimeIs"],
      [time.workerMetrics, "client", "BeatHeart"],
      [revertName.workerMetrics, "client", "BeatHeart"],
      [edge.workerMetrics, "client", "BeatHeart"],
    ] as const) {
      const samples = await readMetrics(address);
      for (const name of names) {
        const value = sumOf(samples, `grpc_${side}_${name}`, { grpc_method });
        assert.ok(value >= 1, `${side} ${grpc_method} ${name}: ${value}`);
      }
    }
  });

  test("count a call to an RPC that is not there", async () => {
    const { web, metrics } = system.services.edge;
    const count = async () =>
      sumOf(await readMetrics(metrics), "grpc_server_handled_total", {
        grpc_service: "other",
        grpc_method: "other",
        grpc_code: "Unimplemented",
      });
    const before = await count();
    const res = await fetch(`http://${web}/no.such.Service/Method`, {
      method: "POST",
      headers: { "content-type": "application/grpc" },
    });
    assert.equal(res.status, 404);
    assert.equal(await count(), before + 1);
    await fetch(`http://${web}/favicon.ico`);
    assert.equal(await count(), before + 1);
  });
});
