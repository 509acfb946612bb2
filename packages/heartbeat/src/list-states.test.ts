import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { useHeartbeatStore } from "./use-heartbeat-store.js";

const options = { ...needsDatabase(), timeout: 30_000 };

suite("listStates()", () => {
  test("answers nothing when nothing has beaten", options, async (t) => {
    const { store } = await useHeartbeatStore(t);
    assert.deepEqual(await store.listStates(), []);
  });

  test(
    "sorts by name, and filters by name and by state as it is now",
    options,
    async (t) => {
      const { store, clock } = await useHeartbeatStore(t);
      const beat = async (serviceName: string) => {
        await store.recordBeat({ serviceName, instanceId: "host:1" });
      };
      await beat("down");
      clock.advance(20_000);
      await beat("late");
      clock.advance(20_000);
      await beat("alive");
      const list = async (filter?: Parameters<typeof store.listStates>[0]) =>
        (await store.listStates(filter)).map(
          ({ serviceName, state }) => `${serviceName} is ${state}`,
        );
      assert.deepEqual(await list(), [
        "alive is alive",
        "down is down",
        "late is late",
      ]);
      assert.deepEqual(await list({ serviceNames: ["late", "down", "none"] }), [
        "down is down",
        "late is late",
      ]);
      assert.deepEqual(await list({ states: ["late", "alive"] }), [
        "alive is alive",
        "late is late",
      ]);
      assert.deepEqual(
        await list({ serviceNames: ["late"], states: ["alive"] }),
        [],
      );
      clock.advance(20_000);
      assert.deepEqual(await list({ states: ["late"] }), ["alive is late"]);
    },
  );
});
