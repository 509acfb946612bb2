import assert from "node:assert/strict";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { suite, type TestContext, test } from "node:test";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import {
  Code,
  ConnectError,
  createClient,
  createRouterTransport,
  type Interceptor,
} from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Registry } from "prom-client";
import { createClientMetrics } from "./client-metrics.js";
import { oneCall, readSamples, sampleRoutes } from "./sample-fixture.test.js";
import { createServerMetrics } from "./server-metrics.js";

/** A client and a server in memory, with interceptors around the client's metrics. */
function useInterceptors(outer: Interceptor[], inner: Interceptor[]) {
  const registry = new Registry();
  const server = createServerMetrics({ registry });
  const client = createClientMetrics({ registry });
  const transport = createRouterTransport(sampleRoutes, {
    router: { interceptors: [server.interceptor, failTwice()] },
    transport: { interceptors: [...outer, client.interceptor, ...inner] },
  });
  return { registry, transport };
}

/** Fails the first two calls. */
function failTwice(): Interceptor {
  let calls = 0;
  return (next) => async (req) => {
    calls++;
    if (calls <= 2) {
      throw new ConnectError("not yet", Code.Unavailable);
    }
    return await next(req);
  };
}

/** Calls again while the server is unavailable. */
const retry: Interceptor = (next) => async (req) => {
  for (;;) {
    try {
      return await next(req);
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Unavailable) {
        throw error;
      }
    }
  }
};

/** Answers a stream with some messages of its own. */
function answerWith(count: number): Interceptor {
  return (next) => async (req) => {
    if (!req.stream) {
      return next(req);
    }
    const { method } = req;
    async function* messages() {
      for (let i = 0; i < count; i++) {
        yield { $typeName: method.output.typeName };
      }
    }
    return {
      stream: true,
      service: method.parent,
      method,
      header: new Headers(),
      trailer: new Headers(),
      message: messages(),
    };
  };
}

suite("createClientMetrics()", () => {
  test("counts a call once whose attempts are made behind it", async () => {
    const { registry, transport } = useInterceptors([], [retry]);
    const { revertName } = createClient(RevertNameService, transport);
    await revertName({ name: "a" });
    assert.deepEqual(
      await readSamples(registry, "client"),
      oneCall("RevertName", "OK", { sent: 1, received: 1 }),
    );
    const server = await readSamples(registry, "server");
    assert.equal(server["RevertName handled_total Unavailable"], 2);
    assert.equal(server["RevertName handled_total OK"], 1);
  });

  test("counts each attempt that is made before it", async () => {
    const { registry, transport } = useInterceptors([retry], []);
    const { revertName } = createClient(RevertNameService, transport);
    await revertName({ name: "a" });
    assert.deepEqual(await readSamples(registry, "client"), {
      "RevertName started_total": 3,
      "RevertName handled_total OK": 1,
      "RevertName handled_total Unavailable": 2,
      "RevertName msg_sent_total": 3,
      "RevertName msg_received_total": 1,
      "RevertName handling_seconds_count": 3,
    });
  });

  for (const count of [0, 2]) {
    test(`counts ${count} answers to a stream that takes one as Unimplemented`, async () => {
      const { registry, transport } = useInterceptors([], [answerWith(count)]);
      const { beatHearts } = createClient(HeartbeatService, transport);
      await assert.rejects(beatHearts(nothing()), {
        code: Code.Unimplemented,
      });
      assert.deepEqual(
        await readSamples(registry, "client"),
        oneCall("BeatHearts", "Unimplemented", { received: count }),
      );
    });
  }

  test("counts a call as Canceled that is answered after its abort", async () => {
    const { registry, transport } = useInterceptors([], [answerWith(2)]);
    const { watchTime } = createClient(TimeService, transport);
    const answers = watchTime({}, { signal: AbortSignal.abort() });
    await assert.rejects(answers[Symbol.asyncIterator]().next(), {
      code: Code.Canceled,
    });
    assert.deepEqual(
      await readSamples(registry, "client"),
      oneCall("WatchTime", "Canceled"),
    );
  });

  test("counts a gRPC response that is trailers alone", async (t) => {
    const registry = new Registry();
    const { interceptor } = createClientMetrics({ registry });
    const transport = createGrpcTransport({
      baseUrl: await serveTrailersOnly(t, Code.NotFound),
      interceptors: [interceptor],
    });
    const { revertName, revertNames } = createClient(
      RevertNameService,
      transport,
    );
    await assert.rejects(revertName({}), { code: Code.NotFound });
    const answers = revertNames(nothing())[Symbol.asyncIterator]();
    await assert.rejects(answers.next(), { code: Code.NotFound });
    assert.deepEqual(await readSamples(registry, "client"), {
      ...oneCall("RevertName", "NotFound", { sent: 1 }),
      ...oneCall("RevertNames", "NotFound"),
    });
  });
});

/** A server that answers each call with a status in the headers, as grpc-go does. */
async function serveTrailersOnly(t: TestContext, code: Code): Promise<string> {
  const server = createServer();
  server.on("session", (session) => t.after(() => session.destroy()));
  server.on("stream", (stream) => {
    stream.respond(
      {
        ":status": 200,
        "content-type": "application/grpc",
        "grpc-status": String(code),
      },
      { endStream: true },
    );
  });
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve()),
  );
  t.after(() => server.close());
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

async function* nothing(): AsyncIterable<never> {}
