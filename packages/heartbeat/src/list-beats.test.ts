import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { ObjectId } from "mongodb";
import { heartbeatCollections } from "./heartbeat-documents.js";
import type { ListBeatsOptions } from "./list-beats.js";
import {
  type TestHeartbeatStore,
  testStart,
  useHeartbeatStore,
} from "./use-heartbeat-store.js";

const options = { ...needsDatabase(), timeout: 30_000 };

/** Beats of the services a and b by turns, four to a millisecond, numbered from the oldest. */
async function useBeats(
  t: Parameters<typeof useHeartbeatStore>[0],
  count: number,
): Promise<TestHeartbeatStore> {
  const test = await useHeartbeatStore(t);
  await heartbeatCollections(test.db).history.insertMany(
    Array.from({ length: count }, (_, index) => ({
      _id: new ObjectId(),
      service: index % 2 === 0 ? "a" : "b",
      instance_id: String(index),
      interval_ms: 10_000,
      time: new Date(testStart.getTime() + Math.floor(index / 4)),
    })),
  );
  return test;
}

function countDown(from: number, to: number, step = 1): number[] {
  const numbers: number[] = [];
  for (let number = from; number >= to; number -= step) {
    numbers.push(number);
  }
  return numbers;
}

suite("listBeats()", () => {
  test("answers an empty page of an empty history", options, async (t) => {
    const { store } = await useHeartbeatStore(t);
    assert.deepEqual(await store.listBeats(), { beats: [], nextPageToken: "" });
  });

  test(
    "pages through all, newest first, each beat once, while new ones arrive",
    options,
    async (t) => {
      const { store, clock } = await useBeats(t, 230);
      const seen: number[] = [];
      const sizes: number[] = [];
      let pageToken = "";
      clock.advance(1_000);
      do {
        const page = await store.listBeats({ pageToken });
        seen.push(...page.beats.map(({ instanceId }) => Number(instanceId)));
        sizes.push(page.beats.length);
        pageToken = page.nextPageToken;
        await store.recordBeat({ serviceName: "a", instanceId: "1000" });
      } while (pageToken !== "");
      assert.deepEqual(seen, countDown(229, 0));
      assert.deepEqual(sizes, [50, 50, 50, 50, 30]);
    },
  );

  test("pages through one service", options, async (t) => {
    const { store } = await useBeats(t, 40);
    const seen: number[] = [];
    let pageToken = "";
    do {
      const page = await store.listBeats({
        serviceNames: ["b"],
        pageSize: 7,
        pageToken,
      });
      seen.push(...page.beats.map(({ instanceId }) => Number(instanceId)));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    assert.deepEqual(seen, countDown(39, 1, 2));
  });

  test("has no next page when the last one is full", options, async (t) => {
    const { store } = await useBeats(t, 8);
    assert.equal((await store.listBeats({ pageSize: 8 })).nextPageToken, "");
    assert.notEqual((await store.listBeats({ pageSize: 7 })).nextPageToken, "");
  });

  test(
    "answers beats at or after `from` and before `to`",
    options,
    async (t) => {
      const { store } = await useBeats(t, 12);
      const at = (ms: number) => new Date(testStart.getTime() + ms);
      const list = async (beats: ListBeatsOptions) =>
        (await store.listBeats(beats)).beats.map(({ instanceId }) =>
          Number(instanceId),
        );
      assert.deepEqual(await list({ from: at(1) }), countDown(11, 4));
      assert.deepEqual(await list({ to: at(1) }), countDown(3, 0));
      assert.deepEqual(await list({ from: at(1), to: at(2) }), countDown(7, 4));
      assert.deepEqual(await list({ from: at(2), to: at(1) }), []);
    },
  );

  test("answers no beats for a page size of 0", options, async (t) => {
    const { store } = await useBeats(t, 4);
    assert.deepEqual(await store.listBeats({ pageSize: 0 }), {
      beats: [],
      nextPageToken: "",
    });
  });

  test("refuses a page token that is not its own", options, async (t) => {
    const { store } = await useHeartbeatStore(t);
    const invalid = { name: "InvalidPageTokenError" };
    await assert.rejects(store.listBeats({ pageToken: "next" }), invalid);
    await assert.rejects(
      store.listBeats({ pageToken: "next", pageSize: 0 }),
      invalid,
    );
  });
});

suite("listBeatTimes()", () => {
  test(
    "answers the newest times of the beats asked for",
    options,
    async (t) => {
      const { store } = await useBeats(t, 12);
      const at = (ms: number) => new Date(testStart.getTime() + ms);
      assert.deepEqual(await store.listBeatTimes({ limit: 6 }), [
        ...Array.from({ length: 4 }, () => at(2)),
        ...Array.from({ length: 2 }, () => at(1)),
      ]);
      const beats = { serviceNames: ["a"], from: at(1), to: at(2), limit: 9 };
      assert.deepEqual(await store.listBeatTimes(beats), [at(1), at(1)]);
      const unknown = { serviceNames: ["x"], limit: 9 };
      assert.deepEqual(await store.listBeatTimes(unknown), []);
    },
  );
});
