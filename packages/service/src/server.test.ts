import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { laneVariables, waitFor } from "@both-ends/testing";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { Health, HealthCheckResponse_ServingStatus } from "connectrpc-health";
import { z } from "zod";
import { baseOptions, readConfig } from "./config.js";
import { delay } from "./delay.js";
import type { Part } from "./readiness.js";
import { startServer } from "./server.js";
import type { ServiceDefinition } from "./service-definition.js";

const config = z.object(
  baseOptions({ port: 0, grpcPort: 0, metricsPort: 0, workerMetricsPort: 0 }),
);

/** A service with a call that waits, a stream that goes on, and a part. */
async function useServer(t: TestContext, env: Record<string, string> = {}) {
  let part: Part | undefined;
  const sample: ServiceDefinition<typeof config> = {
    name: "sample",
    version: "1.2.3",
    config,
    server: ({ readiness }) => {
      part = readiness.part("clock", [TimeService.typeName]);
      part.up();
      return {
        routes(router) {
          router.service(TimeService, {
            async whatTimeIs({ timeZone }, { signal }) {
              await delay(timeZone === "slow" ? 300 : 0, signal);
              return { rfc3339: "now" };
            },
            async *watchTime(_request, { signal }) {
              yield { rfc3339: "now" };
              await delay(60_000, signal);
            },
          });
        },
        http: (app) => {
          app.get("/hello", async () => ({ hello: "there" }));
        },
      };
    },
    worker: () => [],
  };
  const running = await startServer(
    sample,
    readConfig(config, {
      MONGODB_URI: "mongodb://127.0.0.1:1",
      LOG_LEVEL: "silent",
      SHUTDOWN_GRACE_MS: "5000",
      ...laneVariables(),
      ...env,
    }),
  );
  t.after(() => running.close());
  const url = (of: keyof typeof running.addresses) =>
    `http://127.0.0.1:${running.addresses[of]?.port}`;
  return { running, url, part: () => part };
}

suite("startServer()", () => {
  test("speaks every protocol, REST and metrics on one port, and gRPC on another", async (t) => {
    const { url } = await useServer(t);
    for (const transport of [
      createGrpcTransport({ baseUrl: url("web") }),
      createGrpcTransport({ baseUrl: url("grpc") }),
      createGrpcWebTransport({ baseUrl: url("web"), httpVersion: "1.1" }),
      createConnectTransport({ baseUrl: url("web"), httpVersion: "1.1" }),
      createConnectTransport({ baseUrl: url("web"), httpVersion: "2" }),
    ]) {
      const { rfc3339 } = await createClient(TimeService, transport).whatTimeIs(
        {},
      );
      assert.equal(rfc3339, "now");
    }
    for (const address of [
      `${url("web")}/metrics`,
      `${url("web")}/prometheus/metrics`,
      `${url("metrics")}/`,
      `${url("metrics")}/metrics`,
    ]) {
      const text = await (await fetch(address)).text();
      assert.match(
        text,
        /^grpc_server_handled_total\{.*grpc_method="WhatTimeIs",grpc_code="OK"\} 5$/m,
      );
      assert.match(text, /^service_build_info\{version="1\.2\.3",/m);
    }
    const hello = await fetch(`${url("web")}/hello`);
    assert.deepEqual(await hello.json(), { hello: "there" });
  });

  test("refuses what the schema does not allow", async (t) => {
    const { url } = await useServer(t);
    const client = createClient(
      TimeService,
      createGrpcTransport({ baseUrl: url("grpc") }),
    );
    await assert.rejects(client.whatTimeIs({ timeZone: "x".repeat(65) }), {
      code: Code.InvalidArgument,
    });
  });

  test("is degraded without a part, and its health follows", async (t) => {
    const { url, part } = await useServer(t);
    const health = createClient(
      Health,
      createGrpcTransport({ baseUrl: url("grpc") }),
    );
    const check = async (service: string) => {
      const { status } = await health.check({ service });
      return HealthCheckResponse_ServingStatus[status];
    };
    assert.equal(await check(TimeService.typeName), "SERVING");
    part()?.down("stopped");
    assert.equal(await check(TimeService.typeName), "NOT_SERVING");
    assert.equal(await check(""), "SERVING");
    const res = await fetch(`${url("web")}/readyz`);
    assert.equal(res.status, 200);
    // The body of /readyz.
    const body = (await res.json()) as { status: string; reasons: string[] };
    assert.equal(body.status, "degraded");
    // The database of the console is away, too.
    assert.ok(body.reasons.includes("clock: stopped"), `${body.reasons}`);
    part()?.up();
    assert.equal(await check(TimeService.typeName), "SERVING");
  });

  test("lets calls finish and tells streams to end when it closes", async (t) => {
    const { running, url } = await useServer(t);
    const client = createClient(
      TimeService,
      createGrpcTransport({ baseUrl: url("grpc") }),
    );
    const ticks = client.watchTime({})[Symbol.asyncIterator]();
    await ticks.next();
    const slow = client.whatTimeIs({ timeZone: "slow" });
    await waitFor("the call to be in flight", async () => {
      const text = await (await fetch(`${url("metrics")}/`)).text();
      return /in_flight\{.*"WhatTimeIs"\} 1/.test(text);
    });
    const start = performance.now();
    const closed = running.close();
    await assert.rejects(ticks.next(), (error) => {
      const { code, rawMessage } = ConnectError.from(error);
      assert.equal(code, Code.Unavailable);
      assert.equal(rawMessage, "the server is shutting down");
      return true;
    });
    assert.equal((await slow).rfc3339, "now");
    await closed;
    assert.ok(performance.now() - start < 4_000, "closed before the grace");
  });

  test("shows metrics to those who have the token, and health to all", async (t) => {
    const METRICS_TOKEN = "0123456789abcdef";
    const { url } = await useServer(t, { METRICS_TOKEN });
    for (const address of [`${url("web")}/metrics`, `${url("metrics")}/`]) {
      const refused = await fetch(address);
      assert.equal(refused.status, 401);
      assert.equal(refused.headers.get("www-authenticate"), "Bearer");
      assert.doesNotMatch(await refused.text(), /grpc_server/);
      const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
      const shown = await fetch(address, { headers });
      assert.match(await shown.text(), /grpc_server/);
    }
    assert.equal((await fetch(`${url("metrics")}/readyz`)).status, 200);
  });

  test("refuses a deadline that is too long", async (t) => {
    const { url } = await useServer(t, { MAX_DEADLINE_MS: "60000" });
    const client = createClient(
      TimeService,
      createGrpcTransport({ baseUrl: url("grpc") }),
    );
    await client.whatTimeIs({}, { timeoutMs: 59_000 });
    await assert.rejects(client.whatTimeIs({}, { timeoutMs: 61_000 }), {
      code: Code.InvalidArgument,
    });
  });

  test("says which port is in use, and leaves nothing open", async (t) => {
    const { running } = await useServer(t);
    const METRICS_PORT = String(running.addresses.metrics.port);
    const sample: ServiceDefinition<typeof config> = {
      name: "second",
      version: "1.2.3",
      config,
      server: () => ({ routes: () => {} }),
      worker: () => [],
    };
    const env = { MONGODB_URI: "mongodb://127.0.0.1:1", METRICS_PORT };
    await assert.rejects(startServer(sample, readConfig(config, env)), {
      code: "EADDRINUSE",
      message: new RegExp(METRICS_PORT),
    });
  });
});
