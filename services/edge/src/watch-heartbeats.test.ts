import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HeartbeatState } from "@both-ends/gen/heartbeat/v1/heartbeat_pb.js";
import {
  HeartbeatService,
  type WatchHeartbeatsResponse,
} from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import {
  createHeartbeatStore,
  createHeartbeatWatcher,
} from "@both-ends/heartbeat";
import { connectDatabase } from "@both-ends/mongo";
import { needsDatabase, useDatabase } from "@both-ends/mongo/test-database";
import { waitFor } from "@both-ends/testing";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type CallOptions,
  Code,
  createClient,
  createRouterTransport,
} from "@connectrpc/connect";
import { createWatchHeartbeats } from "./watch-heartbeats.js";

const options = { ...needsDatabase(), timeout: 30_000 };
const method = HeartbeatService.method.watchHeartbeats;
const unavailable = {
  code: Code.Unavailable,
  rawMessage: "the heartbeat store is unavailable",
};

async function useWatchClient(t: Parameters<typeof useDatabase>[0]) {
  const database = await useDatabase(t);
  const connection = connectDatabase({ uri: database.uri });
  t.after(() => connection.close());
  const clock = { ms: Date.parse("2026-01-02T03:04:05.678Z") };
  const store = createHeartbeatStore({
    db: connection.db("edge"),
    now: () => new Date(clock.ms),
  });
  let reads = 0;
  const counted = {
    listStates: () => {
      reads += 1;
      return store.listStates();
    },
  };
  const watcher = createHeartbeatWatcher(counted, { pollMs: 10 });
  t.after(async () => watcher.close());
  const client = createClient(
    HeartbeatService,
    createRouterTransport((router) => {
      router.rpc(method, createWatchHeartbeats(watcher));
    }),
  );
  /** The answers of one call, in short words. */
  const watch = (
    request: MessageInitShape<typeof method.input>,
    callOptions?: CallOptions,
  ) => {
    const answers = client
      .watchHeartbeats(request, callOptions)
      [Symbol.asyncIterator]();
    return async () => describe((await answers.next()).value);
  };
  return { clock, database, reads: () => reads, store, watch, watcher };
}

function describe(answer: WatchHeartbeatsResponse): string[] {
  return [
    ...answer.services.map(
      (one) => `${one.serviceName} ${HeartbeatState[one.state]} ${one.beats}`,
    ),
    ...answer.forgotten.map((name) => `${name} forgotten`),
  ];
}

suite("createWatchHeartbeats()", () => {
  test(
    "sends everything, then beats, transitions and forgotten services",
    options,
    async (t) => {
      const { store, clock, watch } = await useWatchClient(t);
      const next = watch({});
      assert.deepEqual(await next(), []);
      await store.recordBeat({ serviceName: "time", instanceId: "1" });
      assert.deepEqual(await next(), ["time ALIVE 1"]);
      clock.ms += 20_000;
      assert.deepEqual(await next(), ["time LATE 1"]);
      clock.ms += 3_600_000;
      assert.deepEqual(await next(), ["time DOWN 1"]);
      await store.forget("time");
      assert.deepEqual(await next(), ["time forgotten"]);
    },
  );

  test(
    "sends what the filter lets through, and who leaves it once more",
    options,
    async (t) => {
      const { store, clock, watch } = await useWatchClient(t);
      await store.recordBeat({ serviceName: "edge", instanceId: "1" });
      await store.recordBeat({ serviceName: "time", instanceId: "1" });
      const next = watch({
        filter: { serviceNames: ["time"], states: [HeartbeatState.ALIVE] },
      });
      assert.deepEqual(await next(), ["time ALIVE 1"]);
      clock.ms += 20_000;
      assert.deepEqual(await next(), ["time LATE 1"]);
      clock.ms += 20_000;
      await store.recordBeat({ serviceName: "time", instanceId: "1" });
      assert.deepEqual(await next(), ["time ALIVE 2"]);
    },
  );

  test(
    "ends when the caller leaves, and then reads no more",
    options,
    async (t) => {
      const { reads, watch } = await useWatchClient(t);
      const controller = new AbortController();
      const next = watch({}, { signal: controller.signal });
      await next();
      const ended = assert.rejects(next(), { code: Code.Canceled });
      controller.abort();
      await ended;
      let before = -1;
      await waitFor(
        "the reads to end",
        () => {
          const same = reads() === before;
          before = reads();
          return same;
        },
        { intervalMs: 100 },
      );
    },
  );

  test("ends at the caller's deadline", options, async (t) => {
    const { watch } = await useWatchClient(t);
    const next = watch({}, { timeoutMs: 300 });
    await next();
    await assert.rejects(next(), { code: Code.DeadlineExceeded });
  });

  test(
    "ends as unavailable when the database is killed",
    options,
    async (t) => {
      const { database, watch } = await useWatchClient(t);
      const next = watch({});
      await next();
      const ended = assert.rejects(next(), unavailable);
      await database.kill();
      await ended;
    },
  );

  test("ends as unavailable when the watcher closes", options, async (t) => {
    const { watch, watcher } = await useWatchClient(t);
    const next = watch({});
    await next();
    const ended = assert.rejects(next(), unavailable);
    watcher.close();
    await ended;
  });
});
