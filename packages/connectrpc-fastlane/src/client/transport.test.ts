import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { waitFor } from "@both-ends/testing";
import { Code, createClient } from "@connectrpc/connect";
import {
  compressionGzip,
  createConnectTransport as createStockConnectTransport,
  createGrpcTransport as createStockGrpcTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { createClientMetrics } from "connectrpc-prometheus";
import { Registry } from "prom-client";
import { type CallPlan, makeCall } from "./outcome.test.js";
import { sampleNames, useSampleServer } from "./sample-server.test.js";
import { createConnectTransport, createGrpcTransport } from "./transport.js";

const plain: CallPlan = {
  interception: "none",
  timeoutMs: undefined,
  defaultTimeoutMs: undefined,
  abortAfterMs: undefined,
  abortReason: undefined,
  headers: undefined,
  name: "Rodrigo",
};

for (const protocol of ["grpc", "connect"] as const) {
  const lane =
    protocol === "grpc" ? createGrpcTransport : createConnectTransport;
  const stock =
    protocol === "grpc"
      ? createStockGrpcTransport
      : createStockConnectTransport;

  suite(`${lane.name}()`, { timeout: 60_000 }, () => {
    for (const useBinaryFormat of [true, false]) {
      for (const useHttpGet of protocol === "grpc" ? [false] : [false, true]) {
        const how = `${useBinaryFormat ? "binary" : "JSON"}${useHttpGet ? ", GET" : ""}`;
        test(`gives and shows interceptors what connect-node does, ${how}`, async (t) => {
          const server = await useSampleServer(t);
          for (const name of sampleNames) {
            for (const interception of ["none", "watch"] as const) {
              const plan = { ...plain, name, interception, timeoutMs: 5_000 };
              const [got, wanted] = await Promise.all(
                [lane, stock].map((create) =>
                  makeCall(plan, (options) =>
                    create({
                      ...options,
                      httpVersion: "2",
                      baseUrl: `${server.origin}/`,
                      useBinaryFormat,
                      useHttpGet,
                    }),
                  ),
                ),
              );
              assert.deepEqual(got, wanted, `${name}, ${interception}`);
            }
          }
        });
      }
    }

    test("sends the headers that connect-node sends", async (t) => {
      const server = await useSampleServer(t);
      const sent = [];
      for (const create of [lane, stock]) {
        for (const headers of [undefined, { "X-Given": "a", b: "2" }]) {
          const transport = create({
            httpVersion: "2",
            baseUrl: server.origin,
          });
          const { revertName } = createClient(RevertNameService, transport);
          await revertName({}, { headers, timeoutMs: 5_000 });
          sent.push([...server.lastHeaders]);
        }
      }
      assert.deepEqual(sent.slice(0, 2), sent.slice(2));
      assert.ok(sent[0]?.some(([, value]) => value === "connect-es/2.2.0"));
    });

    test("records the metrics that connect-node's transport does", async (t) => {
      const server = await useSampleServer(t);
      const recorded = [];
      for (const create of [lane, stock]) {
        const registry = new Registry();
        const metrics = createClientMetrics({ registry, buckets: false });
        const { revertName } = createClient(
          RevertNameService,
          create({
            httpVersion: "2",
            baseUrl: server.origin,
            interceptors: [metrics.interceptor],
          }),
        );
        for (const name of sampleNames) {
          await revertName({ name }).catch(() => {});
        }
        await revertName({ name: "wait" }, { timeoutMs: 30 }).catch(() => {});
        await revertName(
          { name: "wait" },
          { signal: AbortSignal.timeout(30) },
        ).catch(() => {});
        recorded.push(await registry.metrics());
      }
      assert.equal(recorded[0], recorded[1]);
      assert.match(
        String(recorded[0]),
        /handled_total\{.*DeadlineExceeded.*\} 2/,
      );
    });

    test("hands streams over, on a connection of their own", async (t) => {
      const server = await useSampleServer(t);
      const transport = lane({ httpVersion: "2", baseUrl: server.origin });
      await createClient(RevertNameService, transport).revertName({});
      const ticks = [];
      for await (const tick of createClient(TimeService, transport).watchTime(
        {},
      )) {
        ticks.push(tick);
      }
      assert.equal(ticks.length, 2);
      assert.deepEqual(transport.counts, { taken: 1, handedOver: 1 });
      assert.equal(server.sessions, 2);
      transport.close();
      await waitFor("both to close", () => server.openSessions === 0);
    });

    test("hands all calls over to a session manager that it is given", async (t) => {
      const server = await useSampleServer(t);
      const sessionManager = new Http2SessionManager(server.origin);
      t.after(() => sessionManager.abort());
      const transport = lane({
        httpVersion: "2",
        baseUrl: server.origin,
        sessionManager,
      });
      const { revertName } = createClient(RevertNameService, transport);
      assert.equal((await revertName({ name: "ab" })).reversedName, "ba");
      assert.deepEqual(transport.counts, { taken: 0, handedOver: 1 });
      transport.close();
      assert.notEqual(sessionManager.state(), "closed");
    });

    test("hands calls over that are to be compressed", async (t) => {
      const server = await useSampleServer(t);
      const transport = lane({
        httpVersion: "2",
        baseUrl: server.origin,
        sendCompression: compressionGzip,
      });
      const { revertName } = createClient(RevertNameService, transport);
      const name = "ab".repeat(2_000);
      assert.equal((await revertName({ name })).reversedName.length, 4_000);
      assert.deepEqual(transport.counts, { taken: 0, handedOver: 1 });
      const header = protocol === "grpc" ? "grpc-encoding" : "content-encoding";
      assert.equal(server.lastHeaders.get(header), "gzip");
    });

    test("takes a compressed response, up to readMaxBytes", async (t) => {
      const server = await useSampleServer(t);
      const call = (options: object) =>
        createClient(
          RevertNameService,
          lane({ httpVersion: "2", baseUrl: server.origin, ...options }),
        ).revertName({ name: "long" }, { onHeader: (h) => headers.push(h) });
      const headers: Headers[] = [];
      const { reversedName } = await call({});
      assert.equal(reversedName.length, 200_000);
      const header = protocol === "grpc" ? "grpc-encoding" : "content-encoding";
      assert.equal(headers[0]?.get(header), "gzip");
      for (const acceptCompression of [[compressionGzip], []]) {
        await assert.rejects(call({ acceptCompression, readMaxBytes: 1_000 }), {
          code: Code.ResourceExhausted,
        });
      }
    });

    test("says unavailable when nobody listens", async (t) => {
      const server = await useSampleServer(t);
      await server.close();
      const transport = lane({ httpVersion: "2", baseUrl: server.origin });
      await assert.rejects(
        createClient(RevertNameService, transport).revertName({}),
        (error) => {
          assert.ok(error instanceof Error);
          assert.match(error.message, /^\[unavailable\] .*ECONNREFUSED/);
          assert.ok(error.cause instanceof Error);
          return true;
        },
      );
    });

    test("refuses a call that an interceptor sends to another server", async () => {
      const transport = lane({
        httpVersion: "2",
        baseUrl: "http://127.0.0.1:1",
        interceptors: [
          (next) => (req) => next({ ...req, url: "http://127.0.0.1:2/a/b" }),
        ],
      });
      await assert.rejects(
        createClient(RevertNameService, transport).revertName({}),
        { code: Code.Internal, rawMessage: /^cannot make a request to/ },
      );
    });

    test("throws for a limit that connect-node refuses", () => {
      assert.throws(
        () => lane({ httpVersion: "2", baseUrl: "http://a", readMaxBytes: -1 }),
        { code: Code.Internal },
      );
    });
  });
}

suite('createConnectTransport({ httpVersion: "1.1" })', () => {
  test("hands all calls over", async () => {
    const transport = createConnectTransport({
      httpVersion: "1.1",
      baseUrl: "http://127.0.0.1:1",
    });
    await assert.rejects(
      createClient(RevertNameService, transport).revertName({}),
      { code: Code.Unavailable },
    );
    assert.deepEqual(transport.counts, { taken: 0, handedOver: 1 });
  });
});
