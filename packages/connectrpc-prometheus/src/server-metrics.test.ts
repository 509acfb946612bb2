import assert from "node:assert/strict";
import { connect } from "node:http2";
import { suite, type TestContext, test } from "node:test";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { waitFor } from "@both-ends/testing";
import {
  Code,
  ConnectError,
  type ContextValues,
  createClient,
  createConnectRouter,
  createContextKey,
  createContextValues,
  createRouterTransport,
  type Interceptor,
} from "@connectrpc/connect";
import { Registry } from "prom-client";
import { listen } from "./matrix-link.test.js";
import { oneCall, readSamples, sampleRoutes } from "./sample-fixture.test.js";
import { createServerMetrics } from "./server-metrics.js";

/** A server over HTTP/2 whose host gives the same context values to all calls. */
async function useSharedValues(
  t: TestContext,
  values: ContextValues,
  interceptors: Interceptor[] = [],
) {
  const registry = new Registry();
  const metrics = createServerMetrics({ registry });
  const { port, close } = await listen("gRPC, HTTP/2", {
    contextValues: () => values,
    interceptors: [metrics.interceptor, ...interceptors],
    routes(router) {
      sampleRoutes(router);
      metrics.observeHandlers(router);
    },
  });
  t.after(close);
  const session = connect(`http://127.0.0.1:${port}`);
  t.after(() => session.destroy());
  const begin = (path: string) =>
    session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/proto",
    });
  return { registry, begin };
}

suite("createServerMetrics()", () => {
  test("tells calls apart whose host gives them the same context values", async (t) => {
    const { registry, begin } = await useSharedValues(t, createContextValues());
    // The first is begun, but read only when the second is over.
    const first = begin("/revertname.v1.RevertNameService/RevertName");
    await waitFor("the first to begin", async () => {
      const samples = await readSamples(registry, "server");
      return samples["RevertName in_flight"] === 1;
    });
    const second = begin("/time.v1.TimeService/WhatTimeIs");
    second.resume().end();
    await waitFor("the second to end", async () => {
      const samples = await readSamples(registry, "server");
      return samples["WhatTimeIs handled_total Unimplemented"] === 1;
    });
    first.resume().end();
    await waitFor("both to be counted", async () => {
      assert.deepEqual(await readSamples(registry, "server"), {
        ...oneCall("RevertName", "OK", { received: 1, sent: 1 }),
        ...oneCall("WhatTimeIs", "Unimplemented", { received: 1 }),
      });
      return true;
    });
  });

  test("leaves the host the values that interceptors set", async (t) => {
    const key = createContextKey("");
    const values = createContextValues();
    const { begin } = await useSharedValues(t, values, [
      (next) => (req) => {
        req.contextValues.set(key, "set");
        return next(req);
      },
    ]);
    begin("/revertname.v1.RevertNameService/RevertName").resume().end();
    await waitFor("the value", () => values.get(key) === "set");
  });

  test("counts for each of two metrics on one router", async () => {
    const registries = [new Registry(), new Registry()];
    const both = registries.map((registry) =>
      createServerMetrics({ registry }),
    );
    const transport = createRouterTransport(
      (router) => {
        sampleRoutes(router);
        for (const metrics of both) {
          metrics.observeHandlers(router);
        }
      },
      { router: { interceptors: both.map(({ interceptor }) => interceptor) } },
    );
    const { revertName } = createClient(RevertNameService, transport);
    await revertName({ name: "a" });
    for (const registry of registries) {
      assert.deepEqual(
        await readSamples(registry, "server"),
        oneCall("RevertName", "OK", { received: 1, sent: 1 }),
      );
    }
  });

  test("counts what the peer gets when an outer interceptor changes it", async () => {
    const registry = new Registry();
    const metrics = createServerMetrics({ registry });
    const change: Interceptor = (next) => async (req) => {
      try {
        return await next(req);
      } catch {
        throw new ConnectError("changed", Code.NotFound);
      }
    };
    const transport = createRouterTransport(
      (router) => {
        sampleRoutes(router);
        metrics.observeHandlers(router);
      },
      { router: { interceptors: [change, metrics.interceptor] } },
    );
    const { revertName } = createClient(RevertNameService, transport);
    await assert.rejects(revertName({ name: "denied" }), {
      code: Code.NotFound,
    });
    assert.deepEqual(
      await readSamples(registry, "server"),
      oneCall("RevertName", "NotFound", { received: 1 }),
    );
  });

  for (const observed of [true, false]) {
    const how = observed ? "with" : "without";
    test(`counts a code that is none as Unknown, ${how} observeHandlers`, async () => {
      const registry = new Registry();
      const metrics = createServerMetrics({ registry });
      const transport = createRouterTransport(
        (router) => {
          router.rpc(RevertNameService.method.revertName, () => {
            // A number that a database or another language may have given.
            throw new ConnectError("odd", 99 as Code);
          });
          if (observed) {
            metrics.observeHandlers(router);
          }
        },
        { router: { interceptors: [metrics.interceptor] } },
      );
      const { revertName } = createClient(RevertNameService, transport);
      await assert.rejects(revertName({ name: "a" }), { code: Code.Unknown });
      assert.deepEqual(
        await readSamples(registry, "server"),
        oneCall("RevertName", "Unknown", { received: 1 }),
      );
    });
  }

  test("ends a call whose response the host never reads", async () => {
    const registry = new Registry();
    const metrics = createServerMetrics({ registry });
    const router = createConnectRouter();
    sampleRoutes(router);
    metrics.observeHandlers(router);
    for (const [method, body] of [
      [RevertNameService.method.revertName, ""],
      [TimeService.method.watchTime, "\0\0\0\0\0"],
    ] as const) {
      const handler = router.handlers.find((h) => h.method === method);
      const caller = new AbortController();
      await handler?.({
        httpVersion: "2.0",
        method: "POST",
        url: `http://localhost${handler.requestPath}`,
        header: new Headers({
          "content-type":
            body === "" ? "application/proto" : "application/grpc",
        }),
        body: stream(body),
        signal: caller.signal,
      });
      caller.abort();
    }
    await waitFor("both to be counted", async () => {
      assert.deepEqual(await readSamples(registry, "server"), {
        ...oneCall("RevertName", "Canceled"),
        ...oneCall("WatchTime", "Canceled"),
      });
      return true;
    });
  });
});

async function* stream(text: string): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode(text);
}
