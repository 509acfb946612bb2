import assert from "node:assert/strict";
import { createServer } from "node:http";
import { suite, test } from "node:test";
import { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import {
  CallSide,
  LiveMetricsService,
  type MetricsSnapshot,
} from "@both-ends/gen/admin/v1/live_metrics_service_pb.js";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { createClient, createRouterTransport } from "@connectrpc/connect";
import { createServerMetrics } from "connectrpc-prometheus";
import { Registry } from "prom-client";
import { useAdmin } from "../use-admin.js";
import { parseExposition } from "./exposition.js";
import { toMethodRates } from "./method-rates.js";
import { toProcessSample } from "./process-sample.js";
import { quantile } from "./quantile.js";

suite("parseExposition()", () => {
  test("reads values with their labels, escapes too, of the metrics named", () => {
    const text = [
      "# HELP a What a is.",
      "# TYPE a counter",
      'a{x="1",y="a \\"b\\" \\\\ c\\nd, e}"} 3 1700000000',
      "a 4",
      'b_bucket{le="+Inf"} +Inf',
      "b_sum 1e-3",
      "other 5",
      "broken",
      "",
    ].join("\n");
    const wanted = (name: string) => /^[ab]/.test(name);
    assert.deepEqual(parseExposition(text, wanted), [
      { name: "a", labels: { x: "1", y: 'a "b" \\ c\nd, e}' }, value: 3 },
      { name: "a", labels: {}, value: 4 },
      {
        name: "b_bucket",
        labels: { le: "+Inf" },
        value: Number.POSITIVE_INFINITY,
      },
      { name: "b_sum", labels: {}, value: 0.001 },
    ]);
  });
});

suite("quantile()", () => {
  test("interpolates within buckets, as Prometheus does", () => {
    const buckets = new Map([
      [0.1, 10],
      [0.2, 30],
      [Number.POSITIVE_INFINITY, 40],
    ]);
    assert.equal(quantile(0.5, buckets), 0.15000000000000002);
    assert.equal(quantile(0.1, buckets), 0.04000000000000001);
    assert.equal(quantile(0.99, buckets), 0.2);
    assert.equal(quantile(0.5, new Map()), undefined);
    assert.equal(quantile(0.5, new Map([[1, 0]])), undefined);
  });
});

/** The values of a process that has answered so many calls. */
function sampleOf(ok: number, failed: number, at: number) {
  const labels = { grpc_type: "unary", grpc_service: "s", grpc_method: "m" };
  const name = (what: string) => `grpc_server_${what}`;
  return toProcessSample(
    [
      { name: name("started_total"), labels, value: ok + failed + 1 },
      {
        name: name("handled_total"),
        labels: { ...labels, grpc_code: "OK" },
        value: ok,
      },
      {
        name: name("handled_total"),
        labels: { ...labels, grpc_code: "NotFound" },
        value: failed,
      },
      { name: name("in_flight"), labels, value: 1 },
      {
        name: name("handling_seconds_bucket"),
        labels: { ...labels, le: "0.1" },
        value: ok,
      },
      {
        name: name("handling_seconds_bucket"),
        labels: { ...labels, le: "+Inf" },
        value: ok + failed,
      },
      { name: name("handling_seconds_sum"), labels, value: ok * 0.05 },
      { name: name("handling_seconds_count"), labels, value: ok + failed },
    ],
    at,
  );
}

suite("toMethodRates()", () => {
  test("calculates rates, codes and percentiles between two samples", () => {
    const [before] = sampleOf(100, 5, 0).methods.values();
    const [now] = sampleOf(140, 5, 10_000).methods.values();
    assert.ok(before && now);
    const rates = toMethodRates(now, before, 10);
    assert.equal(rates.rate, 4);
    assert.deepEqual(rates.codes, [
      { code: "NotFound", rate: 0, total: 5 },
      { code: "OK", rate: 4, total: 140 },
    ]);
    assert.equal(rates.total, 145);
    assert.equal(rates.failedTotal, 5);
    assert.equal(rates.latency?.p50, 0.05);
    assert.equal(rates.sample.inFlight, 1);
  });

  test("gives no latency when no call has ended", () => {
    const [now] = sampleOf(100, 5, 0).methods.values();
    assert.ok(now);
    const rates = toMethodRates(now, now, 10);
    assert.equal(rates.latency, undefined);
    assert.equal(rates.rate, 0);
  });
});

/** An address where nobody listens any more. */
async function findDeadUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(typeof address === "object" && address !== null);
  return `http://127.0.0.1:${address.port}/metrics`;
}

const fast = { intervalMs: 30, idleIntervalMs: 30, windowMs: 100 };

suite("WatchMetrics", { ...needsDatabase(), timeout: 60_000 }, () => {
  test("shows calls of this process and of others, and who is away", async (t) => {
    const registry = new Registry();
    const metrics = createServerMetrics({ registry });
    const exposition = createServer((req, res) => {
      res.statusCode =
        req.headers.authorization === "Bearer secret" ? 200 : 401;
      const labels =
        'grpc_type="unary",grpc_service="time.v1.TimeService",grpc_method="WhatTimeIs"';
      res.end(
        `grpc_client_started_total{${labels}} 7\ngrpc_client_handled_total{${labels},grpc_code="OK"} 7\n`,
      );
    });
    await new Promise<void>((resolve) => {
      exposition.listen(0, "127.0.0.1", resolve);
    });
    t.after(() => exposition.close());
    const address = exposition.address();
    assert.ok(typeof address === "object" && address !== null);
    const admin = await useAdmin(t, {
      registry,
      metrics: fast,
      metricsToken: "secret",
      targets: [
        {
          service: "time",
          role: "worker",
          url: `http://127.0.0.1:${address.port}/metrics`,
        },
        { service: "gone", role: "server", url: await findDeadUrl() },
      ],
    });
    admin.start();
    const observed = createClient(
      JobService,
      createRouterTransport(
        ({ service }) => {
          service(JobService, {});
        },
        { router: { interceptors: [metrics.interceptor] } },
      ),
    );
    await observed.getJob({ name: "x" }).catch(() => {});
    const client = admin.client(
      LiveMetricsService,
      await admin.sessionOf("viewer"),
    );
    const end = new AbortController();
    t.after(() => end.abort());
    const watch = client.watchMetrics(
      { history: 0, includeInternal: true },
      { signal: end.signal },
    );
    let seen: MetricsSnapshot | undefined;
    for await (const { snapshots, history } of watch) {
      assert.equal(history, false);
      [seen] = snapshots;
      if (seen?.processes[0]?.window !== undefined) {
        break;
      }
    }
    const [own, worker, gone] = seen?.processes ?? [];
    assert.equal(own?.service, "test");
    assert.equal(own.up, true);
    assert.equal(own.methods[0]?.method, "GetJob");
    assert.equal(own.methods[0].side, CallSide.SERVER);
    assert.equal(worker?.up, true, worker?.reason);
    assert.equal(worker.methods[0]?.side, CallSide.CLIENT);
    assert.equal(worker.methods[0].total, 7);
    assert.equal(gone?.up, false);
    assert.equal(gone.reason, "is not there");
    end.abort();
  });

  test("begins with the past, in parts, and leaves the calls of the console out", async (t) => {
    const admin = await useAdmin(t, { metrics: { ...fast, maxSnapshots: 30 } });
    admin.start();
    const session = await admin.sessionOf("viewer");
    const client = admin.client(LiveMetricsService, session);
    const read = async (history: number) => {
      const past: MetricsSnapshot[] = [];
      const sizes: number[] = [];
      for await (const message of client.watchMetrics(
        { history },
        { timeoutMs: 30_000 },
      )) {
        if (!message.history) {
          return { past, sizes, next: message.snapshots[0] };
        }
        past.push(...message.snapshots);
        sizes.push(message.snapshots.length);
      }
      return assert.fail("ended by itself");
    };
    let result = await read(30);
    while (result.past.length < 30) {
      result = await read(30);
    }
    assert.deepEqual(result.sizes, [20, 10]);
    const times = [...result.past, result.next].map((snapshot) => {
      const { seconds = 0n, nanos = 0 } = snapshot?.time ?? {};
      return Number(seconds) * 1_000 + nanos / 1e6;
    });
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.equal((await read(5)).past.length, 5);
  });
});
