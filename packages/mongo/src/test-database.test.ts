import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { MongoClient } from "mongodb";
import { needsDatabase, useDatabase } from "./test-database.js";

const options = { ...needsDatabase(), timeout: 600_000 };

async function ping(uri: string): Promise<unknown> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 1000 });
  try {
    return await client.db("admin").command({ ping: 1 });
  } finally {
    await client.close();
  }
}

suite("useDatabase()", options, () => {
  test(
    "starts a database within a second, and ends it after the test",
    options,
    async () => {
      const ends: (() => Promise<void>)[] = [];
      const t = {
        after: (end?: unknown) => {
          // The fixture gives functions that take nothing.
          ends.push(end as () => Promise<void>);
        },
      };
      await (await useDatabase(t)).kill();
      const start = performance.now();
      const database = await useDatabase(t);
      assert.ok(performance.now() - start < 1000);
      assert.deepEqual(await ping(database.uri), { ok: 1 });
      for (const end of ends) {
        await end();
      }
      await assert.rejects(ping(database.uri), /ECONNREFUSED/);
    },
  );

  test("keeps port and data over kill and restart", options, async (t) => {
    const database = await useDatabase(t);
    const client = new MongoClient(database.uri, {
      serverSelectionTimeoutMS: 1000,
    });
    t.after(() => client.close());
    const names = client.db("test").collection<{ _id: string }>("names");
    await names.insertOne({ _id: "ann" }, { writeConcern: { w: 1, j: true } });
    await database.kill();
    await database.restart();
    assert.deepEqual(await names.find().toArray(), [{ _id: "ann" }]);
    await database.restart();
    assert.deepEqual(await names.find().toArray(), [{ _id: "ann" }]);
  });

  test("gives each its own", options, async (t) => {
    const [a, b] = await Promise.all([useDatabase(t), useDatabase(t)]);
    assert.notEqual(a.uri, b.uri);
  });
});
