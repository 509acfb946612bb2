import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import { suite, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { needs, run, waitFor } from "@both-ends/testing";
import {
  type CallOptions,
  Code,
  createClient,
  createRouterTransport,
} from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "./gen/grpc/health/v1/health_pb.js";
import { createHealthBoard, type HealthBoard } from "./health-board.js";
import { countListeners, serve } from "./health-fixture.test.js";
import { createHealthRoutes } from "./health-routes.js";

suite("createHealthRoutes()", { timeout: 20_000 }, () => {
  const inMemory = (board: HealthBoard) =>
    createClient(Health, createRouterTransport(createHealthRoutes(board)));

  test("answers Check for the server and for each service", async () => {
    const client = inMemory(
      createHealthBoard({
        statuses: { "a.v1.A": "NOT_SERVING", "b.v1.B": "UNKNOWN" },
      }),
    );
    const check = async (service: string) =>
      (await client.check({ service })).status;
    assert.equal(await check(""), Status.SERVING);
    assert.equal(await check("a.v1.A"), Status.NOT_SERVING);
    assert.equal(await check("b.v1.B"), Status.UNKNOWN);
  });

  test("refuses Check for an unknown service", async () => {
    await assert.rejects(
      inMemory(createHealthBoard()).check({ service: "a.v1.A" }),
      { rawMessage: 'unknown service "a.v1.A"', code: Code.NotFound },
    );
  });

  test("answers List with every service", async () => {
    const client = inMemory(
      createHealthBoard({ statuses: { "a.v1.A": "NOT_SERVING" } }),
    );
    const { statuses } = await client.list({});
    assert.deepEqual(
      Object.entries(statuses).map(([name, { status }]) => [name, status]),
      [
        ["", Status.SERVING],
        ["a.v1.A", Status.NOT_SERVING],
      ],
    );
  });

  test("refuses List for more than 100 services", async () => {
    const board = createHealthBoard();
    const client = inMemory(board);
    for (let count = 1; count < 100; count++) {
      board.set(`s${count}.v1.S`, "SERVING");
    }
    assert.equal(Object.keys((await client.list({})).statuses).length, 100);
    board.set("s100.v1.S", "SERVING");
    await assert.rejects(client.list({}), {
      rawMessage: "101 services are more than the 100 that can be listed",
      code: Code.ResourceExhausted,
    });
  });

  test("sends Watch the status at once and then each change", async () => {
    const board = createHealthBoard();
    const watch = open(inMemory(board), "a.v1.A");
    assert.equal(await watch.next(), Status.SERVICE_UNKNOWN);
    for (const status of ["SERVING", "NOT_SERVING", "UNKNOWN"] as const) {
      board.set("a.v1.A", status);
      assert.equal(await watch.next(), Status[status]);
    }
    board.shutdown();
    assert.equal(await watch.next(), Status.NOT_SERVING);
    assert.equal(await watch.next(), "end");
  });

  test("refuses Watch after a shutdown, until the board resumes", async () => {
    const board = createHealthBoard();
    const client = inMemory(board);
    board.shutdown();
    await assert.rejects(open(client, "").next(), {
      rawMessage: "server is shutting down",
      code: Code.Unavailable,
    });
    assert.equal(
      (await client.check({ service: "" })).status,
      Status.NOT_SERVING,
    );
    board.resume();
    assert.equal(await open(client, "").next(), Status.SERVING);
  });
});

suite("createHealthRoutes({ maxListedServices })", () => {
  test("refuses List for more services than that", async () => {
    const board = createHealthBoard();
    const routes = createHealthRoutes(board, { maxListedServices: 1 });
    const client = createClient(Health, createRouterTransport(routes));
    assert.equal(Object.keys((await client.list({})).statuses).length, 1);
    board.set("a.v1.A", "SERVING");
    await assert.rejects(client.list({}), {
      rawMessage: "2 services are more than the 1 that can be listed",
      code: Code.ResourceExhausted,
    });
  });
});

suite("createHealthRoutes() over HTTP/2", { timeout: 20_000 }, () => {
  for (const [protocol, createTransport] of Object.entries({
    Connect: createConnectTransport,
    gRPC: createGrpcTransport,
    "gRPC-Web": createGrpcWebTransport,
  })) {
    test(`ends a Watch by ${protocol} on cancel and on its deadline`, async (t) => {
      const board = createHealthBoard();
      const listeners = countListeners(board);
      const { baseUrl } = await serve(t, board);
      const client = createClient(
        Health,
        createTransport({ httpVersion: "2", baseUrl }),
      );
      const abort = new AbortController();
      const cancelled = open(client, "", { signal: abort.signal });
      assert.equal(await cancelled.next(), Status.SERVING);
      board.set("", "UNKNOWN");
      assert.equal(await cancelled.next(), Status.UNKNOWN);
      await waitFor("the handler to listen", () => listeners() === 1);
      abort.abort();
      await assert.rejects(cancelled.next(), { code: Code.Canceled });
      await waitFor("the cancelled Watch to end", () => listeners() === 0);

      const late = open(client, "", { timeoutMs: 1_000 });
      assert.equal(await late.next(), Status.UNKNOWN);
      await assert.rejects(late.next(), { code: Code.DeadlineExceeded });
      await waitFor("the late Watch to end", () => listeners() === 0);
    });
  }

  test("answers deadline_exceeded itself when a Watch is at its deadline", async (t) => {
    const board = createHealthBoard();
    const { baseUrl } = await serve(t, board);
    const session = connect(baseUrl);
    t.after(() => session.destroy());
    const stream = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Watch",
      "content-type": "application/grpc",
      "grpc-timeout": "100m",
      te: "trailers",
    });
    stream.end(Buffer.alloc(5)).resume();
    const [trailers] = await once(stream, "trailers");
    assert.equal(trailers["grpc-status"], String(Code.DeadlineExceeded));
  });

  test("lets a draining server close", async (t) => {
    const board = createHealthBoard();
    const { baseUrl, close } = await serve(t, board);
    const client = createClient(Health, createGrpcTransport({ baseUrl }));
    const watches = ["", "a.v1.A"].map((service) => open(client, service));
    await Promise.all(watches.map((watch) => watch.next()));
    board.shutdown();
    const closed = close();
    assert.equal(await watches[0]?.next(), Status.NOT_SERVING);
    assert.equal(await watches[0]?.next(), "end");
    assert.equal(await watches[1]?.next(), "end");
    await closed;
  });

  test("buffers little for a caller who does not read, and ends with the newest", async (t) => {
    const board = createHealthBoard();
    const { baseUrl } = await serve(t, board);
    const session = connect(baseUrl, { settings: { initialWindowSize: 0 } });
    t.after(() => session.destroy());
    const stream = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Watch",
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.end(Buffer.alloc(5));
    await once(stream, "response");
    for (let change = 0; change < 30_000; change++) {
      board.set("", change % 2 === 0 ? "NOT_SERVING" : "SERVING");
      await setImmediate();
    }
    board.set("", "UNKNOWN");
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    session.settings({ initialWindowSize: 65_535 });
    // A response of status UNKNOWN, which is zero, is an empty message.
    const newest = Buffer.alloc(5);
    await waitFor("the newest status", () =>
      chunks.at(-1)?.subarray(-5).equals(newest),
    );
    const { length } = Buffer.concat(chunks);
    // Node's streams hold 16 KiB each, since Node 22 they hold 64 KiB.
    assert.ok(length < 100_000, `${length} bytes of some 210,000`);
  });

  test("answers grpcurl", needs("grpcurl"), async (t) => {
    const board = createHealthBoard({ statuses: { "a.v1.A": "NOT_SERVING" } });
    const { address } = await serve(t, board);
    const grpcurl = (method: string, request: object) =>
      run("grpcurl", [
        ...["-plaintext", "-max-time", "10", "-emit-defaults"],
        ...[
          "-import-path",
          fileURLToPath(new URL("../proto", import.meta.url)),
        ],
        ...["-proto", "grpc/health/v1/health.proto"],
        ...["-d", JSON.stringify(request)],
        ...[address, `grpc.health.v1.Health/${method}`],
      ]);
    const check = await grpcurl("Check", { service: "a.v1.A" });
    assert.deepEqual(JSON.parse(check.stdout), { status: "NOT_SERVING" });
    const unknown = await grpcurl("Check", { service: "b.v1.B" });
    assert.match(unknown.stderr, /Code: NotFound\n.*unknown service "b.v1.B"/);
    const list = await grpcurl("List", {});
    assert.deepEqual(JSON.parse(list.stdout), {
      statuses: {
        "": { status: "SERVING" },
        "a.v1.A": { status: "NOT_SERVING" },
      },
    });
    const listeners = countListeners(board);
    const watching = grpcurl("Watch", { service: "" });
    await waitFor("grpcurl to watch", () => listeners() === 1);
    board.shutdown();
    const watch = await watching;
    assert.deepEqual(watch.stdout.match(/(NOT_)?SERVING/g), [
      "SERVING",
      "NOT_SERVING",
    ]);
    assert.equal(watch.code, 0);
  });
});

type HealthClient = ReturnType<typeof createClient<typeof Health>>;

function open(client: HealthClient, service: string, options?: CallOptions) {
  const responses = client.watch({ service }, options)[Symbol.asyncIterator]();
  return {
    async next(): Promise<Status | "end"> {
      const { done, value } = await responses.next();
      return done === true ? "end" : value.status;
    },
  };
}
