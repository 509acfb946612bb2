import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { waitFor } from "@both-ends/testing";
import {
  Code,
  ConnectError,
  createClient,
  type Transport,
} from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { Registry } from "prom-client";
import { createClientMetrics } from "./client-metrics.js";
import { oneCall, readSamples, serveSample } from "./sample-fixture.test.js";

const transports = {
  gRPC: createGrpcTransport,
  "gRPC-Web": createGrpcWebTransport,
  Connect: createConnectTransport,
};

/** One call of each type, and what it returns when all is well. */
const calls: Record<
  string,
  (transport: Transport, name: string, signal?: AbortSignal) => Promise<unknown>
> = {
  RevertName: (transport, name, signal) =>
    createClient(RevertNameService, transport).revertName({ name }, { signal }),
  RevertNames: async (transport, name, signal) => {
    const names = async function* () {
      yield { name: "a" };
      yield { name: "b" };
      if (name !== "") {
        yield { name };
      }
    };
    const client = createClient(RevertNameService, transport);
    for await (const _ of client.revertNames(names(), { signal })) {
      // Read to the end.
    }
  },
  WatchTime: async (transport, name, signal) => {
    const client = createClient(TimeService, transport);
    for await (const _ of client.watchTime({ timeZone: name }, { signal })) {
      // Read to the end.
    }
  },
  BeatHearts: (transport, name, signal) => {
    const beats = async function* () {
      yield { beat: { serviceName: "a" } };
      yield { beat: { serviceName: name } };
    };
    const client = createClient(HeartbeatService, transport);
    return client.beatHearts(beats(), { signal });
  },
};

/** Messages of a call that the client sends, and that it gets until the end. */
const messages: Record<string, { out: number; back: number; until: number }> = {
  RevertName: { out: 1, back: 1, until: 0 },
  RevertNames: { out: 2, back: 2, until: 2 },
  WatchTime: { out: 1, back: 2, until: 2 },
  BeatHearts: { out: 2, back: 1, until: 0 },
};

async function useBothSides(t: TestContext, protocol: keyof typeof transports) {
  const server = await serveSample(t);
  const registry = new Registry();
  const { interceptor } = createClientMetrics({ registry });
  const transport = transports[protocol]({
    baseUrl: server.baseUrl,
    httpVersion: "2",
    interceptors: [interceptor],
  });
  // A call ends on the server a moment before or after its client knows.
  const expectSides = async (
    client: Record<string, number>,
    onServer: Record<string, number>,
  ) => {
    assert.deepEqual(await readSamples(registry, "client"), client);
    await waitFor("the server's end of the call", async () => {
      assert.deepEqual(await readSamples(server.registry, "server"), onServer);
      return true;
    });
  };
  return { transport, expectSides };
}

for (const protocol of ["gRPC", "gRPC-Web", "Connect"] as const) {
  suite(
    `createClientMetrics() and createServerMetrics() over ${protocol}`,
    () => {
      for (const [method, call] of Object.entries(calls)) {
        const { out = 0, back = 0, until = 0 } = messages[method] ?? {};
        const more = method === "RevertNames" ? 1 : 0;

        test(`count a good ${method} once on both ends`, async (t) => {
          const { transport, expectSides } = await useBothSides(t, protocol);
          await call(transport, "");
          await expectSides(
            oneCall(method, "OK", { sent: out, received: back }),
            oneCall(method, "OK", { received: out, sent: back }),
          );
        });

        for (const [name, code] of [
          ["denied", "PermissionDenied"],
          ["broken", "Internal"],
        ] as const) {
          test(`count a ${name} ${method} as ${code} on both ends`, async (t) => {
            const { transport, expectSides } = await useBothSides(t, protocol);
            await assert.rejects(call(transport, name), ConnectError);
            await expectSides(
              oneCall(method, code, { sent: out + more, received: until }),
              oneCall(method, code, { received: out + more, sent: until }),
            );
          });
        }

        test(`count a cancelled ${method} as Canceled on both ends`, async (t) => {
          const { transport, expectSides } = await useBothSides(t, protocol);
          const caller = new AbortController();
          const result = call(transport, "wait", caller.signal);
          const rejected = assert.rejects(result, { code: Code.Canceled });
          await waitFor("the call to be in flight", () =>
            expectSides(
              inFlight(method, { sent: out + more, received: until }),
              inFlight(method, { received: out + more, sent: until }),
            ).then(() => true),
          );
          caller.abort();
          await rejected;
          await expectSides(
            oneCall(method, "Canceled", { sent: out + more, received: until }),
            oneCall(method, "Canceled", { received: out + more, sent: until }),
          );
        });
      }

      test("count a response that cannot be serialised as Internal", async (t) => {
        const { transport, expectSides } = await useBothSides(t, protocol);
        const client = createClient(RevertNameService, transport);
        await assert.rejects(client.revertName({ name: "unsendable" }), {
          code: Code.Internal,
        });
        await expectSides(
          oneCall("RevertName", "Internal", { sent: 1 }),
          oneCall("RevertName", "Internal", { received: 1 }),
        );
      });

      test("count a call that ran into its deadline", async (t) => {
        const { transport, expectSides } = await useBothSides(t, protocol);
        const client = createClient(RevertNameService, transport);
        await assert.rejects(
          client.revertName({ name: "wait" }, { timeoutMs: 50 }),
          { code: Code.DeadlineExceeded },
        );
        await expectSides(
          oneCall("RevertName", "DeadlineExceeded", { sent: 1 }),
          oneCall("RevertName", "DeadlineExceeded", { received: 1 }),
        );
      });
    },
  );
}

suite("createClientMetrics()", () => {
  test("counts a refused connection as Unavailable", async () => {
    const registry = new Registry();
    const { interceptor } = createClientMetrics({ registry });
    const transport = createGrpcTransport({
      // Port 1 is reserved (tcpmux), and nothing listens there.
      baseUrl: "http://127.0.0.1:1",
      interceptors: [interceptor],
    });
    const client = createClient(RevertNameService, transport);
    await assert.rejects(client.revertName({ name: "a" }), {
      code: Code.Unavailable,
    });
    assert.deepEqual(
      await readSamples(registry, "client"),
      oneCall("RevertName", "Unavailable", { sent: 1 }),
    );
  });
});

function inFlight(
  method: string,
  count: { received?: number; sent?: number },
): Record<string, number> {
  const { received = 0, sent = 0 } = count;
  return {
    [`${method} started_total`]: 1,
    [`${method} in_flight`]: 1,
    ...(received === 0 ? {} : { [`${method} msg_received_total`]: received }),
    ...(sent === 0 ? {} : { [`${method} msg_sent_total`]: sent }),
  };
}
