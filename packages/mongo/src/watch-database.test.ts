import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { type DatabaseStatus, watchDatabase } from "./watch-database.js";

suite("watchDatabase()", () => {
  test("tells the first finding and each change, once", async (t) => {
    let answer: () => Promise<unknown> = async () => {};
    const told: DatabaseStatus[] = [];
    let pings = 0;
    const watch = watchDatabase({
      ping: () => {
        pings += 1;
        return answer();
      },
      intervalMs: 5,
      limitMs: 50,
      onChange: (status) => told.push(status),
    });
    t.after(() => watch.end());
    assert.deepEqual(watch.status(), { up: false, reason: "not reached yet" });
    await waitFor("up", () => watch.status().up && pings > 3);
    answer = () => Promise.reject(new Error("gone"));
    await waitFor("down", () => !watch.status().up);
    answer = () => new Promise(() => {});
    await waitFor("hung", () => watch.status().reason?.startsWith("no answer"));
    answer = async () => {};
    await waitFor("up again", () => watch.status().up);
    assert.deepEqual(told, [
      { up: true },
      { up: false, reason: "gone" },
      { up: true },
    ]);
  });

  test("tells no credentials", async (t) => {
    const watch = watchDatabase({
      ping: () => Promise.reject(new Error("no mongodb://ann:s3cret@db/x")),
      intervalMs: 5,
      limitMs: 50,
    });
    t.after(() => watch.end());
    await waitFor(
      "a finding",
      () => watch.status().reason === "no mongodb://db/x",
    );
  });

  test("explains a ping that runs out of time", async (t) => {
    const watch = watchDatabase({
      ping: () => new Promise(() => {}),
      explain: () => "connect ECONNREFUSED",
      intervalMs: 5,
      limitMs: 10,
    });
    t.after(() => watch.end());
    await waitFor(
      "a finding",
      () => watch.status().reason === "connect ECONNREFUSED",
    );
  });

  test("goes on when the listener or the ping throws", async (t) => {
    let pings = 0;
    const watch = watchDatabase({
      ping: () => {
        pings += 1;
        throw new Error("at once");
      },
      intervalMs: 5,
      limitMs: 50,
      onChange: () => {
        throw new Error("listener");
      },
    });
    t.after(() => watch.end());
    await waitFor("more pings", () => pings > 3);
    assert.deepEqual(watch.status(), { up: false, reason: "at once" });
  });

  test("pings no more after its end", async () => {
    let pings = 0;
    const watch = watchDatabase({
      ping: async () => {
        pings += 1;
      },
      intervalMs: 1,
      limitMs: 50,
    });
    await waitFor("pings", () => pings > 1);
    watch.end();
    const atEnd = pings;
    await assert.rejects(
      waitFor("another ping", () => pings > atEnd, { timeoutMs: 50 }),
    );
  });
});
