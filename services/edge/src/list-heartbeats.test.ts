import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HeartbeatState } from "@both-ends/gen/heartbeat/v1/heartbeat_pb.js";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { createHeartbeatStore } from "@both-ends/heartbeat";
import { connectDatabase } from "@both-ends/mongo";
import { needsDatabase, useDatabase } from "@both-ends/mongo/test-database";
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { Code, createClient, createRouterTransport } from "@connectrpc/connect";
import { createListHeartbeats } from "./list-heartbeats.js";

const options = { ...needsDatabase(), timeout: 30_000 };
const start = Date.parse("2026-01-02T03:04:05.678Z");

/** A client of the handler; the services a and b have beaten by turns, 5 times each, a second apart. */
async function useListClient(t: Parameters<typeof useDatabase>[0]) {
  const database = await useDatabase(t);
  const connection = connectDatabase({ uri: database.uri });
  t.after(() => connection.close());
  const clock = { ms: start };
  const store = createHeartbeatStore({
    db: connection.db("edge"),
    now: () => new Date(clock.ms),
    timeoutMs: 1_000,
  });
  for (let index = 0; index < 10; index += 1) {
    clock.ms = start + index * 1_000;
    await store.recordBeat(
      {
        serviceName: index % 2 === 0 ? "a" : "b",
        instanceId: `${index}`,
        intervalMs: index % 2 === 0 ? 1_000 : 60_000,
      },
      { timeoutMs: 10_000 },
    );
  }
  const transport = createRouterTransport((router) => {
    router.rpc(
      HeartbeatService.method.listHeartbeats,
      createListHeartbeats(store),
    );
  });
  return {
    client: createClient(HeartbeatService, transport),
    clock,
    database,
  };
}

suite("createListHeartbeats()", () => {
  test(
    "answers the states and the history, newest first",
    options,
    async (t) => {
      const { client, clock } = await useListClient(t);
      clock.ms += 2_000;
      const answer = await client.listHeartbeats({});
      assert.deepEqual(
        answer.services.map(({ serviceName, state, beats }) => [
          serviceName,
          state,
          beats,
        ]),
        [
          ["a", HeartbeatState.LATE, 5n],
          ["b", HeartbeatState.ALIVE, 5n],
        ],
      );
      assert.deepEqual(
        answer.beats.map(({ instanceId }) => Number(instanceId)),
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
      );
      const [newest] = answer.beats;
      assert.equal(newest?.serviceName, "b");
      assert.equal(newest?.interval?.seconds, 60n);
      assert.equal(newest?.time && timestampMs(newest.time), start + 9_000);
      assert.equal(answer.nextPageToken, "");
    },
  );

  test(
    "applies names to both, states to the services alone",
    options,
    async (t) => {
      const { client, clock } = await useListClient(t);
      clock.ms += 2_000;
      const late = await client.listHeartbeats({
        filter: { states: [HeartbeatState.LATE] },
      });
      assert.deepEqual(
        late.services.map(({ serviceName }) => serviceName),
        ["a"],
      );
      assert.equal(late.beats.length, 10);
      const named = await client.listHeartbeats({
        filter: { serviceNames: ["b"], states: [HeartbeatState.LATE] },
      });
      assert.deepEqual(named.services, []);
      assert.equal(named.beats.length, 5);
    },
  );

  test(
    "cuts the history at bounds between milliseconds",
    options,
    async (t) => {
      const { client } = await useListClient(t);
      const from = timestampFromMs(start + 3_000);
      from.nanos += 1;
      const to = timestampFromMs(start + 6_000);
      to.nanos += 1;
      const { beats } = await client.listHeartbeats({ from, to });
      assert.deepEqual(
        beats.map(({ instanceId }) => Number(instanceId)),
        [6, 5, 4],
      );
    },
  );

  test(
    "pages, and answers the states alone for a page size of 0",
    options,
    async (t) => {
      const { client } = await useListClient(t);
      const seen: number[] = [];
      let pageToken = "";
      do {
        const page = await client.listHeartbeats({ pageSize: 4, pageToken });
        assert(pageToken.length <= 256);
        seen.push(...page.beats.map(({ instanceId }) => Number(instanceId)));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      assert.deepEqual(seen, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
      const states = await client.listHeartbeats({ pageSize: 0 });
      assert.equal(states.services.length, 2);
      assert.deepEqual(states.beats, []);
      assert.equal(states.nextPageToken, "");
    },
  );

  test(
    "answers invalid_argument for a page token that is not ours",
    options,
    async (t) => {
      const { client } = await useListClient(t);
      await assert.rejects(client.listHeartbeats({ pageToken: "next" }), {
        code: Code.InvalidArgument,
        rawMessage: 'page token "next" is not one of ours',
      });
    },
  );

  test(
    "answers unavailable when the database hangs or is away",
    options,
    async (t) => {
      const { client, database } = await useListClient(t);
      const unavailable = {
        code: Code.Unavailable,
        rawMessage: "the heartbeat store is unavailable",
      };
      await database.stop();
      await assert.rejects(client.listHeartbeats({}), unavailable);
      await assert.rejects(client.listHeartbeats({}, { timeoutMs: 100 }), {
        code: Code.DeadlineExceeded,
      });
      database.resume();
      await database.kill();
      await assert.rejects(client.listHeartbeats({}), unavailable);
    },
  );
});
