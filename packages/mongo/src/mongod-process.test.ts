import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { MongoClient } from "mongodb";
import { findFreePort } from "./find-free-port.js";
import { atEnd, useFolder, useMongod } from "./mongod-fixture.test.js";
import { readMongodComplaint, startMongod } from "./mongod-process.js";
import { needsDatabase } from "./test-database.js";

const options = { ...needsDatabase(), timeout: 60_000 };
const host = "127.0.0.1";

suite("startMongod()", options, () => {
  test("starts one that answers, and ends it", options, async (t) => {
    const binary = await useMongod(t);
    const folder = join(await useFolder(t), "mongod");
    const database = await startMongod({ binary, folder, host, port: 0 });
    atEnd(t, () => database.close());
    const client = new MongoClient(`mongodb://${host}:${database.port}`);
    atEnd(t, () => client.close());
    assert.deepEqual(await client.db("admin").command({ ping: 1 }), { ok: 1 });
    assert.ok((await readdir(folder)).includes("lock"));
    await database.close();
    assert.equal((await database.exited).code, 0);
    await waitFor(
      "the lock to go",
      async () => !(await readdir(folder)).includes("lock"),
    );
  });

  test(
    "names the holder of a data folder that is in use",
    options,
    async (t) => {
      const folder = join(await useFolder(t), "mongod");
      const first = await startMongod({
        binary: await useMongod(t),
        folder,
        host,
        port: 0,
      });
      atEnd(t, () => first.close());
      // As mongod 7.0 logs it.
      const binary = await useMongod(
        t,
        `echo '{"t":{},"s":"E","c":"CONTROL","id":20557,"ctx":"initandlisten","msg":"DBException in initAndListen, terminating","attr":{"error":"DBPathInUse: Unable to lock the lock file: mongod.lock (Resource temporarily unavailable). Another mongod instance is already running on the directory"}}'; exit 100`,
      );
      await assert.rejects(startMongod({ binary, folder, host, port: 0 }), {
        problem: "data-in-use",
        message: new RegExp(
          `^data folder ${folder} is held by process ${first.pid}, which listens on 127.0.0.1:${first.port}: MONGODB_URI=mongodb://127.0.0.1:${first.port} uses`,
        ),
      });
    },
  );

  test("tells a port that is in use", options, async (t) => {
    const folder = join(await useFolder(t), "mongod");
    const binary = await useMongod(
      t,
      `echo '{"t":{},"s":"E","c":"CONTROL","id":20568,"ctx":"initandlisten","msg":"Error setting up listener","attr":{"error":{"code":9001,"codeName":"SocketException","errmsg":"127.0.0.1:27017 :: caused by :: setup bind :: caused by :: Address already in use"}}}'; exit 48`,
    );
    const port = await findFreePort(host);
    await assert.rejects(startMongod({ binary, folder, host, port }), {
      problem: "port-in-use",
      message: new RegExp(`^port ${port} on 127.0.0.1 is in use: MONGODB_URI=`),
    });
  });

  test("leaves no data folder when a first start fails", options, async (t) => {
    const parent = await useFolder(t);
    const binary = await useMongod(t, `: > "$2/WiredTiger"; kill -ILL $$`);
    const folder = join(parent, "mongod");
    await assert.rejects(startMongod({ binary, folder, host, port: 0 }), {
      problem: "failed",
      message: "mongod ended by SIGILL",
    });
    assert.deepEqual(await readdir(parent), []);
  });

  test("tells that it cannot be run", options, async (t) => {
    const folder = join(await useFolder(t), "mongod");
    const binary = join(folder, "no-such-mongod");
    await assert.rejects(startMongod({ binary, folder, host, port: 0 }), {
      problem: "failed",
      message: /^mongod cannot be started: .*ENOENT/,
    });
  });
});

suite("readMongodComplaint()", () => {
  test("reads errors and fatal ones, and nothing else", () => {
    assert.equal(
      readMongodComplaint(
        `{"s":"E","msg":"terminating","attr":{"error":"Location28662: Cannot start server"}}`,
      ),
      'terminating: "Location28662: Cannot start server"',
    );
    assert.equal(
      readMongodComplaint(
        `{"s":"F","msg":"Fatal assertion","attr":{"msgid":1}}`,
      ),
      "Fatal assertion",
    );
    assert.equal(readMongodComplaint(`{"s":"I","msg":"fine"}`), undefined);
    assert.equal(readMongodComplaint("no JSON"), undefined);
  });
});
