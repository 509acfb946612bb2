import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { createServerMetrics } from "connectrpc-prometheus";
import { Registry } from "prom-client";
import {
  createClients,
  createTransports,
  startApp,
} from "./fastlane-fixture.test.js";

suite(
  "createFastlane({ observe }) with connectrpc-prometheus",
  {
    timeout: 60_000,
  },
  () => {
    test("counts each call once, on the lane and off it", async (t) => {
      const registry = new Registry();
      const metrics = createServerMetrics({ registry });
      const { baseUrl, lane } = await startApp(t, {
        interceptors: [metrics.interceptor],
        observe: metrics.observation,
        routes: (router) => metrics.observeHandlers(router),
      });
      const transports = Object.values(createTransports(baseUrl));
      for (const transport of transports) {
        const { names, time } = createClients(transport);
        await names.revertName({ name: "ab" });
        await assert.rejects(names.revertName({ name: "fail" }));
        for await (const _ of time.watchTime({})) {
          // Only the numbers matter.
        }
      }
      const count = async (name: string, code: string) => {
        const metric = await registry.getSingleMetric(name)?.get();
        return (metric?.values ?? [])
          .filter(({ labels }) => (labels.grpc_code ?? code) === code)
          .reduce((sum, { value }) => sum + value, 0);
      };
      const calls = transports.length;
      await waitFor("the calls to end", async () => {
        const ok = await count("grpc_server_handled_total", "OK");
        return ok === 2 * calls;
      });
      assert.equal(
        await count("grpc_server_handled_total", "OutOfRange"),
        calls,
      );
      assert.equal(await count("grpc_server_started_total", ""), 3 * calls);
      assert.equal(
        await count("grpc_server_msg_received_total", ""),
        3 * calls,
      );
      assert.equal(await count("grpc_server_msg_sent_total", ""), 3 * calls);
      assert.equal(lane.counts.taken, 3 * (calls - 1));
    });
  },
);
