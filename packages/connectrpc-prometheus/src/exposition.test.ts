import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { createClient, createRouterTransport } from "@connectrpc/connect";
import {
  AggregatorRegistry,
  type OpenMetricsContentType,
  Registry,
  type RegistryContentType,
} from "prom-client";
import { createClientMetrics } from "./client-metrics.js";
import type { MetricsOptions } from "./options.js";
import { sampleRoutes } from "./sample-fixture.test.js";
import { createServerMetrics } from "./server-metrics.js";

/** One good call and one that is refused, measured on both ends. */
async function callTwice(
  registry: Registry<RegistryContentType>,
  options: Partial<MetricsOptions> = {},
) {
  const server = createServerMetrics({ ...options, registry });
  const client = createClientMetrics({ ...options, registry });
  const transport = createRouterTransport(sampleRoutes, {
    router: { interceptors: [server.interceptor] },
    transport: { interceptors: [client.interceptor] },
  });
  const { revertName } = createClient(RevertNameService, transport);
  await revertName({ name: "a" });
  await assert.rejects(revertName({ name: "denied" }));
  return server;
}

const method =
  'grpc_service="revertname.v1.RevertNameService",grpc_method="RevertName"';

suite("createServerMetrics() and createClientMetrics()", () => {
  test("use the names and help texts of go-grpc-middleware", async () => {
    const registry = new Registry();
    await callTwice(registry);
    const text = await registry.metrics();
    const help = text.split("\n").filter((line) => line.startsWith("# HELP"));
    assert.deepEqual(help, [
      "# HELP grpc_server_started_total Total number of RPCs started on the server.",
      "# HELP grpc_server_handled_total Total number of RPCs completed on the server, regardless of success or failure.",
      "# HELP grpc_server_msg_received_total Total number of RPC stream messages received on the server.",
      "# HELP grpc_server_msg_sent_total Total number of gRPC stream messages sent by the server.",
      "# HELP grpc_server_in_flight Number of RPCs that the server is handling now.",
      "# HELP grpc_server_handling_seconds Histogram of response latency (seconds) of gRPC that had been application-level handled by the server.",
      "# HELP grpc_client_started_total Total number of RPCs started on the client.",
      "# HELP grpc_client_handled_total Total number of RPCs completed by the client, regardless of success or failure.",
      "# HELP grpc_client_msg_received_total Total number of RPC stream messages received by the client.",
      "# HELP grpc_client_msg_sent_total Total number of gRPC stream messages sent by the client.",
      "# HELP grpc_client_in_flight Number of RPCs that the client is waiting for now.",
      "# HELP grpc_client_handling_seconds Histogram of response latency (seconds) of the gRPC until it is finished by the application.",
    ]);
  });

  test("render samples as prom-client's own metrics do", async () => {
    const registry = new Registry();
    await callTwice(registry, { buckets: [60, 120] });
    const text = await registry.metrics();
    const lines = text
      .split("\n")
      .filter((line) => /^grpc_server_(h|msg_s)/.test(line))
      .map((line) => line.replace(/(_sum\{.*\}) \S+$/, "$1 s"));
    assert.deepEqual(lines, [
      `grpc_server_handled_total{grpc_type="unary",${method},grpc_code="OK"} 1`,
      `grpc_server_handled_total{grpc_type="unary",${method},grpc_code="PermissionDenied"} 1`,
      `grpc_server_msg_sent_total{grpc_type="unary",${method}} 1`,
      `grpc_server_handling_seconds_bucket{le="60",grpc_type="unary",${method}} 2`,
      `grpc_server_handling_seconds_bucket{le="120",grpc_type="unary",${method}} 2`,
      `grpc_server_handling_seconds_bucket{le="+Inf",grpc_type="unary",${method}} 2`,
      `grpc_server_handling_seconds_sum{grpc_type="unary",${method}} s`,
      `grpc_server_handling_seconds_count{grpc_type="unary",${method}} 2`,
    ]);
  });

  for (const [spelling, type, code] of [
    ["go", "unary", "PermissionDenied"],
    ["python", "UNARY", "PERMISSION_DENIED"],
    ["connect", "unary", "permission_denied"],
  ] as const) {
    test(`spell labels as ${spelling} does`, async () => {
      const registry = new Registry();
      await callTwice(registry, { spelling });
      const text = await registry.metrics();
      const line = `grpc_client_handled_total{grpc_type="${type}",${method},grpc_code="${code}"} 1`;
      assert.ok(text.includes(line), text);
    });
  }

  test("work in an OpenMetrics registry", async () => {
    const registry = new Registry<OpenMetricsContentType>();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    await callTwice(registry);
    const text = await registry.metrics();
    assert.match(text, /^# TYPE grpc_server_started counter$/m);
    assert.match(text, /^grpc_server_started_total\{.*\} 2$/m);
    assert.match(text, /# EOF\n$/);
  });

  test("add up over the workers of a cluster", async () => {
    const workers = await Promise.all(
      [new Registry(), new Registry()].map(async (registry) => {
        await callTwice(registry);
        return registry.getMetricsAsJSON();
      }),
    );
    const sum = await AggregatorRegistry.aggregate(workers).metrics();
    assert.match(sum, /^grpc_client_started_total\{.*\} 4$/m);
    assert.match(sum, /^grpc_client_handling_seconds_count\{.*\} 4$/m);
  });

  test("leave the histogram out when told so", async () => {
    const registry = new Registry();
    await callTwice(registry, { buckets: false });
    const text = await registry.metrics();
    assert.doesNotMatch(text, /handling_seconds/);
    assert.match(text, /^grpc_server_handled_total/m);
  });

  test("register nothing but on the registry that is given", async () => {
    const other = new Registry();
    await callTwice(new Registry());
    assert.deepEqual(other.getMetricsAsArray(), []);
  });

  test("refuse buckets that do not ascend", () => {
    for (const buckets of [[1, 1], [2, 1], [Number.NaN], [1, Infinity]]) {
      assert.throws(
        () => createServerMetrics({ registry: new Registry(), buckets }),
        RangeError,
      );
    }
  });

  test("refuse a registry that has them already", () => {
    const registry = new Registry();
    createClientMetrics({ registry });
    assert.throws(() => createClientMetrics({ registry }), /already/);
  });
});

suite("ServerMetrics.countUnknownMethod()", () => {
  test("counts other as Unimplemented", async () => {
    const registry = new Registry();
    const { countUnknownMethod } = createServerMetrics({ registry });
    countUnknownMethod();
    const text = await registry.metrics();
    assert.match(
      text,
      /^grpc_server_handled_total\{grpc_type="unary",grpc_service="other",grpc_method="other",grpc_code="Unimplemented"\} 1$/m,
    );
  });
});
