import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import {
  connectDatabase,
  type DatabaseConnection,
} from "./connect-database.js";
import { findFreePort } from "./find-free-port.js";
import { isDatabaseUnavailable } from "./is-database-unavailable.js";
import { needsDatabase, useDatabase } from "./test-database.js";
import type { DatabaseStatus } from "./watch-database.js";

const options = { ...needsDatabase(), timeout: 120_000 };

function useConnection(
  t: TestContext,
  uri: string,
): { connection: DatabaseConnection; told: DatabaseStatus[] } {
  const told: DatabaseStatus[] = [];
  const connection = connectDatabase({
    uri,
    onChange: (status) => told.push(status),
  });
  t.after(() => connection.close());
  return { connection, told };
}

/** How long a promise takes, in milliseconds. */
async function timeOf(promise: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await promise;
  return performance.now() - start;
}

async function becomes(
  connection: DatabaseConnection,
  up: boolean,
): Promise<number> {
  return await timeOf(
    waitFor(up ? "up" : "down", () => connection.status().up === up),
  );
}

function assertWithin(ms: number, limitMs: number): void {
  assert.ok(ms < limitMs, `${Math.round(ms)} ms is not within ${limitMs} ms`);
}

suite("connectDatabase()", { ...options, concurrency: true }, () => {
  test("connects, and stores what it acknowledges", options, async (t) => {
    const database = await useDatabase(t);
    const { connection, told } = useConnection(t, database.uri);
    assertWithin(await becomes(connection, true), 2000);
    const names = connection.db("test").collection<{ _id: string }>("names");
    await names.insertOne({ _id: "ann" });
    await database.kill();
    assertWithin(await becomes(connection, false), 5000);
    assert.match(connection.status().reason ?? "", /ECONNREFUSED|closed/);
    await database.restart();
    assertWithin(await becomes(connection, true), 5000);
    assert.deepEqual(await names.find().toArray(), [{ _id: "ann" }]);
    assert.deepEqual(
      told.map(({ up }) => up),
      [true, false, true],
    );
  });

  test(
    "starts without the database, and finds it when it comes",
    options,
    async (t) => {
      const database = await useDatabase(t);
      await database.kill();
      const { connection, told } = useConnection(t, database.uri);
      await waitFor("a finding", () => told.length > 0);
      assert.match(connection.status().reason ?? "", /ECONNREFUSED/);
      await database.restart();
      assertWithin(await becomes(connection, true), 5000);
      await connection
        .db("test")
        .collection("names")
        .insertOne({ name: "ann" });
    },
  );

  test(
    "fails calls in bounded time while the database is away",
    options,
    async (t) => {
      const uri = `mongodb://ann:s3cret@127.0.0.1:${await findFreePort("127.0.0.1")}`;
      const { connection } = useConnection(t, uri);
      const call = connection.db("test").collection("names").findOne();
      const ms = await timeOf(
        assert.rejects(call, (error) => isDatabaseUnavailable(error)),
      );
      assertWithin(ms, 3000);
      await waitFor("a finding", () =>
        connection.status().reason?.includes("ECONNREFUSED"),
      );
      assert.ok(!JSON.stringify(connection.status()).includes("s3cret"));
    },
  );

  test(
    "fails calls in bounded time while the database hangs, and heals",
    options,
    async (t) => {
      const database = await useDatabase(t);
      const { connection } = useConnection(t, database.uri);
      await becomes(connection, true);
      const names = connection.db("test").collection("names");
      await names.insertOne({ name: "ann" });
      await database.stop();
      const calls = [names.insertOne({ name: "bob" }), names.findOne()];
      const [, ...times] = await Promise.all([
        becomes(connection, false).then((ms) => assertWithin(ms, 5000)),
        ...calls.map((call) =>
          timeOf(assert.rejects(call, (error) => isDatabaseUnavailable(error))),
        ),
      ]);
      for (const ms of times) {
        assertWithin(ms, 10_000);
      }
      assert.notEqual(connection.status().reason, undefined);
      const later = names.findOne();
      const ms = await timeOf(
        assert.rejects(later, (error) => isDatabaseUnavailable(error)),
      );
      assertWithin(ms, 8000);
      database.resume();
      assertWithin(await becomes(connection, true), 5000);
      await names.insertOne({ name: "cid" });
    },
  );

  test(
    "closes in bounded time while the database hangs",
    options,
    async (t) => {
      const database = await useDatabase(t);
      const connection = connectDatabase({ uri: database.uri });
      await becomes(connection, true);
      await connection
        .db("test")
        .collection("names")
        .insertOne({ name: "ann" });
      await database.stop();
      const call = connection.db("test").collection("names").findOne();
      const rejected = assert.rejects(call);
      assertWithin(await timeOf(connection.close()), 3000);
      await rejected;
    },
  );

  test("refuses a URI that cannot be understood, without its password", () => {
    assert.throws(
      () => connectDatabase({ uri: "mongodb://ann:s3cret@db:27017:1/x" }),
      (error) =>
        error instanceof Error &&
        error.message.startsWith(
          "invalid MongoDB URI mongodb://db:27017:1/x",
        ) &&
        !JSON.stringify([error.message, error.stack]).includes("s3cret"),
    );
  });
});
