import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import {
  createHeartbeatStore,
  type HeartbeatStore,
  TooManyServicesError,
} from "@both-ends/heartbeat";
import { connectDatabase } from "@both-ends/mongo";
import { needsDatabase, useDatabase } from "@both-ends/mongo/test-database";
import { durationFromMs, timestampDate } from "@bufbuild/protobuf/wkt";
import {
  Code,
  ConnectError,
  createClient,
  createRouterTransport,
} from "@connectrpc/connect";
import { createBeatHeart } from "./beat-heart.js";

const options = { ...needsDatabase(), timeout: 30_000 };
const beat = { serviceName: "time", instanceId: "host:1" };

/** A client of the handler; `errors` are those that the handler threw. */
function createBeatClient(store: Pick<HeartbeatStore, "recordBeat">) {
  const handler = createBeatHeart(store);
  const errors: unknown[] = [];
  const transport = createRouterTransport((router) => {
    router.rpc(HeartbeatService.method.beatHeart, async (request, context) => {
      try {
        return await handler(request, context);
      } catch (error) {
        errors.push(error);
        throw error;
      }
    });
  });
  return { client: createClient(HeartbeatService, transport), errors };
}

suite("createBeatHeart()", () => {
  test(
    "answers the server's time when the beat is stored",
    options,
    async (t) => {
      const database = await useDatabase(t);
      const connection = connectDatabase({ uri: database.uri });
      t.after(() => connection.close());
      const now = new Date("2026-01-02T03:04:05.678Z");
      const store = createHeartbeatStore({
        db: connection.db("edge"),
        now: () => now,
      });
      const { client } = createBeatClient(store);
      const { serverTime } = await client.beatHeart({
        ...beat,
        interval: durationFromMs(1_500),
      });
      assert.deepEqual(serverTime && timestampDate(serverTime), now);
      const [state] = await store.listStates();
      assert.equal(state?.intervalMs, 1_500);
      assert.equal(state?.instanceId, "host:1");
      await client.beatHeart(beat);
      const [second] = await store.listStates();
      assert.equal(second?.intervalMs, 10_000);
      assert.equal(second?.beats, 2);
    },
  );

  test(
    "answers unavailable when the database is away, and tells nothing of it",
    options,
    async (t) => {
      const database = await useDatabase(t);
      const connection = connectDatabase({ uri: database.uri });
      t.after(() => connection.close());
      const store = createHeartbeatStore({ db: connection.db("edge") });
      const { client, errors } = createBeatClient(store);
      await client.beatHeart(beat);
      await database.kill();
      await assert.rejects(client.beatHeart(beat), {
        code: Code.Unavailable,
        rawMessage: "the heartbeat store is unavailable",
      });
      const [error] = errors;
      assert(error instanceof ConnectError);
      assert(
        error.cause instanceof Error && error.cause.cause instanceof Error,
      );
      assert.match(error.cause.cause.name, /^Mongo/);
    },
  );

  test(
    "answers in time when the database hangs: unavailable, or the caller's deadline",
    options,
    async (t) => {
      const database = await useDatabase(t);
      const connection = connectDatabase({ uri: database.uri });
      t.after(() => connection.close());
      const store = createHeartbeatStore({
        db: connection.db("edge"),
        timeoutMs: 1_000,
      });
      const { client, errors } = createBeatClient(store);
      await client.beatHeart(beat);
      await database.stop();
      const begun = performance.now();
      await Promise.all([
        assert.rejects(client.beatHeart(beat), { code: Code.Unavailable }),
        assert.rejects(client.beatHeart(beat, { timeoutMs: 200 }), {
          code: Code.DeadlineExceeded,
        }),
      ]);
      const tookMs = performance.now() - begun;
      assert(tookMs < 3_000, `the answers took ${tookMs} ms`);
      // The shorter limit is up first.
      assert.deepEqual(
        errors.map((error) => ConnectError.from(error).code),
        [Code.DeadlineExceeded, Code.Unavailable],
      );
    },
  );

  test("throws the reason when the caller leaves", async () => {
    const controller = new AbortController();
    const { client, errors } = createBeatClient({
      recordBeat: (_, call) =>
        new Promise((_, reject) => {
          const { signal } = call ?? {};
          signal?.addEventListener("abort", () => reject(signal.reason));
          controller.abort();
        }),
    });
    await assert.rejects(
      client.beatHeart(beat, { signal: controller.signal }),
      { code: Code.Canceled },
    );
    assert.equal(ConnectError.from(errors[0]).code, Code.Canceled);
  });

  test("answers resource_exhausted for one service too many", async () => {
    const { client } = createBeatClient({
      recordBeat: async () => {
        throw new TooManyServicesError("there are 2 services already");
      },
    });
    await assert.rejects(client.beatHeart(beat), {
      code: Code.ResourceExhausted,
      rawMessage: "there are 2 services already",
    });
  });

  test("leaves an unexpected error as it is", async () => {
    const bug = new TypeError("not a function");
    const { client, errors } = createBeatClient({
      recordBeat: () => Promise.reject(bug),
    });
    await assert.rejects(client.beatHeart(beat), { code: Code.Internal });
    assert.deepEqual(errors, [bug]);
  });
});
