import assert from "node:assert/strict";
import { connect } from "node:net";
import { suite, type TestContext, test } from "node:test";
import { MongoClient } from "mongodb";
import { needsDatabase, useDatabase } from "./test-database.js";

const options = { ...needsDatabase(), timeout: 120_000 };

function useClient(t: TestContext, uri: string): MongoClient {
  const client = new MongoClient(uri, {
    // It closes after the database has ended.
    serverSelectionTimeoutMS: 1000,
    writeConcern: { w: "majority", journal: true },
  });
  t.after(() => client.close());
  return client;
}

interface Lock {
  _id: number;
  owner: number | null;
}

suite("the database that useDatabase() starts", options, () => {
  test(
    "gives a lock to one of 8 clients that race for it, 50 times",
    options,
    async (t) => {
      const { uri } = await useDatabase(t);
      const clients = Array.from({ length: 8 }, () => useClient(t, uri));
      const locks = clients.map((client) =>
        client.db("test").collection<Lock>("locks"),
      );
      for (let round = 0; round < 50; round += 1) {
        await locks[0]?.insertOne({ _id: round, owner: null });
        const wins = await Promise.all(
          locks.map((lock, owner) =>
            lock.findOneAndUpdate(
              { _id: round, owner: null },
              { $set: { owner } },
            ),
          ),
        );
        assert.equal(wins.filter((win) => win !== null).length, 1);
      }
    },
  );

  test("counts 200 concurrent $inc as 200", options, async (t) => {
    const { uri } = await useDatabase(t);
    const counters = useClient(t, uri)
      .db("test")
      .collection<{ _id: string; n: number }>("counters");
    await counters.insertOne({ _id: "a", n: 0 });
    await Promise.all(
      Array.from({ length: 200 }, () =>
        counters.updateOne({ _id: "a" }, { $inc: { n: 1 } }),
      ),
    );
    assert.equal((await counters.findOne({ _id: "a" }))?.n, 200);
  });

  test(
    "counts right while others read the same documents",
    options,
    async (t) => {
      const { uri } = await useDatabase(t);
      const counters = useClient(t, uri)
        .db("test")
        .collection<{ _id: string; n: number }>("counters");
      await counters.insertOne({ _id: "a", n: 0 });
      let seen = 0;
      for (let n = 1; n <= 100; n += 1) {
        const reads = [
          counters.findOne({ n: { $gte: 0 } }),
          counters.findOne(),
        ];
        await counters.updateOne({ n: n - 1 }, { $inc: { n: 1 } });
        for (const read of await Promise.all(reads)) {
          assert.ok(read && read.n >= n - 1 && read.n >= seen);
        }
        seen = (await counters.findOne())?.n ?? 0;
        assert.equal(seen, n);
      }
    },
  );

  test("finds a document by its _id with an index", options, async (t) => {
    const { uri } = await useDatabase(t);
    const names = useClient(t, uri)
      .db("test")
      .collection<{ _id: string }>("names");
    await names.insertMany([{ _id: "ann" }, { _id: "bob" }]);
    const plan = JSON.stringify(await names.find({ _id: "ann" }).explain());
    // The embedded database shows SQLite's plan, a mongod its own.
    assert.match(plan, /USING INDEX|IDHACK|EXPRESS/);
  });

  test(
    "gives each command its own reply after writes that want none",
    options,
    async (t) => {
      const { uri } = await useDatabase(t);
      const client = new MongoClient(uri, {
        maxPoolSize: 1,
        retryReads: false,
      });
      t.after(() => client.close());
      const names = client.db("test").collection<{ _id: number }>("names");
      for (let n = 1; n <= 20; n += 1) {
        await names.insertOne({ _id: n }, { writeConcern: { w: 0 } });
        assert.equal(await names.countDocuments(), n);
      }
    },
  );

  test(
    "goes on when clients leave in the middle of a command",
    options,
    async (t) => {
      const { uri } = await useDatabase(t);
      const client = useClient(t, uri);
      const names = client.db("test").collection("names");
      await names.insertMany(Array.from({ length: 300 }, (_, n) => ({ n })));
      for (let n = 0; n < 5; n += 1) {
        const leaving = new MongoClient(uri);
        const update = leaving
          .db("test")
          .collection("names")
          .updateMany({}, { $inc: { n: 1 } })
          .catch(() => {});
        await names.findOne();
        await leaving.close();
        await update;
      }
      const { port } = new URL(uri);
      const half = connect(Number(port), "127.0.0.1");
      t.after(() => half.destroy());
      // The database ends first after the test.
      half.on("error", () => {});
      half.write(Buffer.from([200, 0, 0, 0, 1]));
      await names.insertOne({ last: true });
    },
  );

  test(
    "answers a ping at once while a long change runs",
    options,
    async (t) => {
      const { uri } = await useDatabase(t);
      const client = useClient(t, uri);
      const names = client.db("test").collection("names");
      const many = Array.from({ length: 20_000 }, (_, n) => ({ n }));
      let isRunning = true;
      const insert = names.insertMany(many).then(() => {
        isRunning = false;
      });
      let pings = 0;
      while (isRunning) {
        await client.db("admin").command({ ping: 1 });
        pings += isRunning ? 1 : 0;
      }
      await insert;
      assert.ok(pings > 3, `${pings} pings during the insert`);
    },
  );

  test(
    "takes documents of up to 16 MiB, and refuses a message that is too long",
    options,
    async (t) => {
      const { uri } = await useDatabase(t);
      const blobs = useClient(t, uri).db("test").collection("blobs");
      const text = "x".repeat(15 * 1024 * 1024);
      await blobs.insertOne({ text });
      assert.equal((await blobs.findOne())?.text.length, text.length);

      const { port } = new URL(uri);
      const socket = connect(Number(port), "127.0.0.1");
      t.after(() => socket.destroy());
      socket.on("error", () => {});
      const header = Buffer.alloc(16);
      header.writeInt32LE(48_000_001, 0);
      socket.write(header);
      socket.resume();
      await new Promise((resolve) => socket.once("close", resolve));
      assert.equal(await blobs.countDocuments(), 1);
    },
  );
});
