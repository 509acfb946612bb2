import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import {
  createClient,
  createContextKey,
  createContextValues,
  createRouterTransport,
} from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import {
  type OpenMetricsContentType,
  Registry,
  type RegistryContentType,
} from "prom-client";
import { createClientMetrics } from "./client-metrics.js";
import type { MetricsOptions } from "./options.js";
import { sampleRoutes, serveSample } from "./sample-fixture.test.js";
import { createServerMetrics } from "./server-metrics.js";

/** A client and a server in memory, both measured with the same options. */
function useOptions(
  options: Partial<MetricsOptions>,
  registry: Registry<RegistryContentType> = new Registry(),
) {
  const server = createServerMetrics({ ...options, registry });
  const client = createClientMetrics({ ...options, registry });
  const transport = createRouterTransport(sampleRoutes, {
    router: { interceptors: [server.interceptor] },
    transport: { interceptors: [client.interceptor] },
  });
  const { revertName } = createClient(RevertNameService, transport);
  /** The samples of a metric, without the labels that are always there. */
  const samples = async (name: string) => {
    const lines = (await registry.metrics()).split("\n");
    return lines
      .filter((line) => line.startsWith(`${name}{`))
      .map((line) =>
        line
          .slice(name.length)
          .replace(/grpc_(type|service|method)="[^"]*",?/g, ""),
      );
  };
  return { registry, revertName, samples };
}

suite("MetricsOptions", () => {
  test("prefix is put before each name", async () => {
    const { registry, revertName } = useOptions({ prefix: "shop_" });
    await revertName({ name: "a" });
    for (const name of Object.keys(await namesOf(registry))) {
      assert.match(name, /^shop_grpc_(server|client)_/);
    }
  });

  test("bucketLabel code splits the histogram by code", async () => {
    const { revertName, samples } = useOptions({ bucketLabel: "code" });
    await revertName({ name: "a" });
    await assert.rejects(revertName({ name: "denied" }));
    assert.deepEqual(await samples("grpc_server_handling_seconds_count"), [
      '{grpc_code="OK"} 1',
      '{grpc_code="PermissionDenied"} 1',
    ]);
  });

  test("bucketLabel outcome splits the histogram in two", async () => {
    const { revertName, samples } = useOptions({ bucketLabel: "outcome" });
    await revertName({ name: "a" });
    await assert.rejects(revertName({ name: "denied" }));
    await assert.rejects(revertName({ name: "broken" }));
    assert.deepEqual(await samples("grpc_client_handling_seconds_count"), [
      '{grpc_outcome="success"} 1',
      '{grpc_outcome="failure"} 2',
    ]);
  });

  test("sizeBuckets measures messages before compression", async () => {
    const { revertName, samples } = useOptions({ sizeBuckets: [10, 1000] });
    await revertName({ name: "a".repeat(100) });
    // A field's tag and length take 2 bytes.
    for (const side of ["server", "client"]) {
      for (const way of ["received", "sent"]) {
        const name = `grpc_${side}_msg_${way}_bytes`;
        assert.deepEqual(await samples(`${name}_sum`), ["{} 102"]);
        assert.deepEqual(await samples(`${name}_bucket`), [
          '{le="10",} 0',
          '{le="1000",} 1',
          '{le="+Inf",} 1',
        ]);
      }
    }
  });

  test("protocolLabel tells the protocols apart on both ends", async (t) => {
    const { baseUrl, registry: onServer } = await serveSample(
      t,
      {},
      {
        protocolLabel: true,
      },
    );
    const registry = new Registry();
    const { interceptor } = createClientMetrics({
      registry,
      protocolLabel: true,
    });
    const httpVersion = "2" as const;
    const options = { baseUrl, interceptors: [interceptor], httpVersion };
    for (const transport of [
      createGrpcTransport(options),
      createGrpcWebTransport(options),
      createConnectTransport(options),
      createConnectTransport({ ...options, useHttpGet: true }),
    ]) {
      await createClient(RevertNameService, transport).revertName({});
    }
    for (const [text, side] of [
      [await registry.metrics(), "client"],
      [await onServer.metrics(), "server"],
    ]) {
      const counts = [
        ...String(text).matchAll(
          new RegExp(
            `^grpc_${side}_handled_total\\{.*grpc_protocol="(\\w+)".*\\} (\\d+)$`,
            "gm",
          ),
        ),
      ].map(([, protocol, count]) => [protocol, Number(count)]);
      assert.deepEqual(Object.fromEntries(counts), {
        grpc: 1,
        grpc_web: 1,
        connect: 2,
      });
    }
  });

  test("constLabels are on every series", async () => {
    const { registry, revertName } = useOptions({
      constLabels: { region: "eu" },
    });
    await revertName({ name: "a" });
    const lines = (await registry.metrics()).split("\n");
    for (const line of lines.filter((line) => /^grpc_/.test(line))) {
      assert.ok(line.includes('region="eu"'), line);
    }
  });

  test("callLabels come from headers and context values", async () => {
    const tenant = createContextKey("");
    const { revertName, samples } = useOptions({
      callLabels: {
        names: ["tenant", "canary"],
        values: ({ header, contextValues }) => ({
          tenant: contextValues.get(tenant) || undefined,
          canary: header.get("x-canary") ?? undefined,
        }),
      },
    });
    const contextValues = createContextValues().set(tenant, "blue");
    await revertName({ name: "a" }, { contextValues });
    await revertName({ name: "a" }, { headers: { "x-canary": "yes" } });
    assert.deepEqual(await samples("grpc_client_started_total"), [
      '{tenant="blue",canary=""} 1',
      '{tenant="",canary="yes"} 1',
    ]);
    // Context values do not cross the wire.
    assert.deepEqual(await samples("grpc_server_started_total"), [
      '{tenant="",canary=""} 1',
      '{tenant="",canary="yes"} 1',
    ]);
  });

  test("callLabels are bounded, and count what is over as other", async () => {
    const { revertName, samples } = useOptions({
      callLabels: {
        names: ["user"],
        values: ({ header }) => ({ user: header.get("x-user") ?? "" }),
        maxCombinations: 2,
      },
    });
    for (const user of ["a", "b", "c", "d", "a"]) {
      await revertName({ name: "a" }, { headers: { "x-user": user } });
    }
    assert.deepEqual(await samples("grpc_server_started_total"), [
      '{user="a"} 2',
      '{user="b"} 1',
      '{user="other"} 2',
    ]);
  });

  test("callLabels that throw leave the call alone", async () => {
    const { revertName, samples } = useOptions({
      callLabels: {
        names: ["user"],
        values: () => {
          throw new Error("no label");
        },
      },
    });
    await revertName({ name: "a" });
    assert.deepEqual(await samples("grpc_client_started_total"), [
      '{user=""} 1',
    ]);
  });

  test("filter leaves methods out, with and without observeHandlers", async (t) => {
    const filter = () => false;
    const { registry, revertName } = useOptions({ filter });
    await revertName({ name: "a" });
    assert.doesNotMatch(await registry.metrics(), /^grpc_/m);
    const observed = await serveSample(t, {}, { filter });
    const transport = createGrpcTransport({ baseUrl: observed.baseUrl });
    await createClient(RevertNameService, transport).revertName({});
    assert.doesNotMatch(await observed.registry.metrics(), /^grpc_/m);
  });

  test("services are at zero from the start", async () => {
    const { registry, samples } = useOptions({
      services: [RevertNameService],
    });
    const codes = await samples("grpc_client_handled_total");
    // Two methods, 17 codes each.
    assert.equal(codes.length, 34);
    assert.ok(codes.every((line) => line.endsWith("} 0")));
    assert.match(
      await registry.metrics(),
      /^grpc_server_handling_seconds_count\{grpc_type="bidi_stream",.*\} 0$/m,
    );
  });

  test("exemplar marks the bucket of the last call", async () => {
    const registry = new Registry<OpenMetricsContentType>();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const { revertName } = useOptions(
      {
        buckets: [60],
        exemplar: (req) => ({ trace_id: req.header.get("x-trace") ?? "" }),
      },
      registry,
    );
    await revertName({ name: "a" }, { headers: { "x-trace": "1" } });
    await revertName({ name: "a" }, { headers: { "x-trace": "2" } });
    assert.match(
      await registry.metrics(),
      /^grpc_server_handling_seconds_bucket\{le="60",.*\} 2 # \{trace_id="2"\} \S+ \S+$/m,
    );
  });

  test("exemplar is left out when it is too long, or throws", async () => {
    for (const exemplar of [
      () => ({ trace_id: "x".repeat(121) }),
      () => {
        throw new Error("no trace");
      },
    ]) {
      const registry = new Registry<OpenMetricsContentType>();
      registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
      const { revertName } = useOptions({ exemplar }, registry);
      await revertName({ name: "a" });
      assert.doesNotMatch(await registry.metrics(), / # \{/);
    }
  });

  const refused: [
    what: string,
    options: Partial<MetricsOptions>,
    message: RegExp,
  ][] = [
    [
      "bucketLabel without the histogram",
      { buckets: false, bucketLabel: "code" },
      /bucketLabel needs the histogram/,
    ],
    [
      "exemplar without the histogram",
      { buckets: false, exemplar: () => ({}) },
      /exemplar needs the histogram/,
    ],
    [
      "exemplar without OpenMetrics",
      { exemplar: () => ({}) },
      /content type of OpenMetrics/,
    ],
    [
      "services with callLabels",
      {
        services: [RevertNameService],
        callLabels: { names: ["a"], values: () => ({}) },
      },
      /services cannot be combined with callLabels/,
    ],
    ["a prefix that is no name", { prefix: "1-" }, /prefix "1-"/],
    [
      "a label that is no name",
      { constLabels: { "a-b": "" } },
      /"a-b" is no name/,
    ],
    [
      "a label of its own",
      { constLabels: { grpc_code: "" } },
      /grpc_code is taken/,
    ],
    ["a label of histograms", { constLabels: { le: "" } }, /le is taken/],
    [
      "a label twice",
      {
        constLabels: { a: "" },
        callLabels: { names: ["a"], values: () => ({}) },
      },
      /a is taken/,
    ],
    [
      "no combinations",
      { callLabels: { names: ["a"], values: () => ({}), maxCombinations: 0 } },
      /maxCombinations must be/,
    ],
    [
      "buckets that do not ascend",
      { buckets: [2, 1] },
      /buckets must be ascending/,
    ],
    [
      "sizes that do not ascend",
      { sizeBuckets: [1, 1] },
      /sizeBuckets must be ascending/,
    ],
  ];
  for (const [what, options, message] of refused) {
    test(`refuses ${what}, in words`, () => {
      assert.throws(() => useOptions(options), { message });
    });
  }
});

async function namesOf(registry: Registry<RegistryContentType>) {
  const metrics = await registry.getMetricsAsJSON();
  return Object.fromEntries(metrics.map(({ name, help }) => [name, help]));
}
