import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { waitFor } from "@both-ends/testing";
import { Registry } from "prom-client";
import { registerHeartbeatMetrics } from "./heartbeat-metrics.js";
import type { HeartbeatStore } from "./heartbeat-store.js";
import { useHeartbeatStore } from "./use-heartbeat-store.js";

const options = { ...needsDatabase(), timeout: 30_000 };

const declarations = `# HELP heartbeat_last_seen_timestamp_seconds When the last beat of the service arrived, in seconds since the epoch.
# TYPE heartbeat_last_seen_timestamp_seconds gauge

# HELP heartbeat_services Number of services by state: alive, late after 2 intervals without a beat, down after 4.
# TYPE heartbeat_services gauge
`;

async function readSeries(registry: Registry): Promise<string[]> {
  const text = await registry.metrics();
  return text.split("\n").filter((line) => /^[^#]/.test(line));
}

suite("registerHeartbeatMetrics()", () => {
  test(
    "shows when each service was last seen, and how many are in each state",
    options,
    async (t) => {
      const { store, clock } = await useHeartbeatStore(t);
      const registry = new Registry();
      registerHeartbeatMetrics({ registry, store, cacheMs: 0 });
      await store.recordBeat({ serviceName: "edge", instanceId: "1" });
      clock.advance(20_000);
      await store.recordBeat({ serviceName: "time", instanceId: "1" });
      assert.deepEqual(await readSeries(registry), [
        'heartbeat_last_seen_timestamp_seconds{service_name="edge"} 1767323045.678',
        'heartbeat_last_seen_timestamp_seconds{service_name="time"} 1767323065.678',
        'heartbeat_services{state="alive"} 1',
        'heartbeat_services{state="late"} 1',
        'heartbeat_services{state="down"} 0',
      ]);
      clock.advance(3_600_000);
      await store.forget("edge");
      assert.deepEqual(await readSeries(registry), [
        'heartbeat_last_seen_timestamp_seconds{service_name="time"} 1767323065.678',
        'heartbeat_services{state="alive"} 0',
        'heartbeat_services{state="late"} 0',
        'heartbeat_services{state="down"} 1',
      ]);
    },
  );

  test(
    "reads once for both gauges, and again when the cache is old",
    options,
    async (t) => {
      const { store } = await useHeartbeatStore(t);
      let reads = 0;
      const counted = {
        listStates: (...args: Parameters<HeartbeatStore["listStates"]>) => {
          reads += 1;
          return store.listStates(...args);
        },
      };
      const cached = new Registry();
      registerHeartbeatMetrics({
        registry: cached,
        store: counted,
        cacheMs: 60_000,
      });
      await Promise.all([cached.metrics(), cached.metrics()]);
      await cached.metrics();
      assert.equal(reads, 1);
      const uncached = new Registry();
      registerHeartbeatMetrics({
        registry: uncached,
        store: counted,
        cacheMs: 0,
      });
      await uncached.metrics();
      assert(reads > 1);
    },
  );

  test(
    "answers a scrape in time and without series when the database hangs, and with them when it goes on",
    options,
    async (t) => {
      const { store, database } = await useHeartbeatStore(t);
      const registry = new Registry();
      registerHeartbeatMetrics({ registry, store, cacheMs: 100 });
      await store.recordBeat({ serviceName: "time", instanceId: "1" });
      assert.equal((await readSeries(registry)).length, 4);
      await database.stop();
      await waitFor("the cache to be old", async () => {
        const begun = performance.now();
        const text = await registry.metrics();
        const tookMs = performance.now() - begun;
        assert(tookMs < 1_500, `the scrape took ${tookMs} ms`);
        return text === declarations;
      });
      database.resume();
      await waitFor(
        "the series to be back",
        async () => (await readSeries(registry)).length === 4,
      );
    },
  );

  test(
    "answers a scrape without series when the database is killed",
    options,
    async (t) => {
      const { store, database } = await useHeartbeatStore(t);
      const registry = new Registry();
      registerHeartbeatMetrics({ registry, store });
      await database.kill();
      const begun = performance.now();
      assert.equal(await registry.metrics(), declarations);
      const tookMs = performance.now() - begun;
      assert(tookMs < 1_500, `the scrape took ${tookMs} ms`);
      const again = performance.now();
      assert.equal(await registry.metrics(), declarations);
      assert(
        performance.now() - again < 500,
        "a failure is kept for a while too",
      );
    },
  );
});
