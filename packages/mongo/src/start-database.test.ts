import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { MongoClient } from "mongodb";
import { DatabaseStartError } from "./database-start-error.js";
import {
  atEnd,
  useFolder,
  useMongod,
  useVariable,
} from "./mongod-fixture.test.js";
import {
  type RunningDatabase,
  type StartDatabaseOptions,
  startDatabase,
} from "./start-database.js";
import { needsDatabase } from "./test-database.js";

const options = { ...needsDatabase(), timeout: 60_000 };

async function start(
  t: TestContext,
  startOptions: StartDatabaseOptions,
): Promise<RunningDatabase> {
  const database = await startDatabase({
    port: 0,
    mayDownload: false,
    ...startOptions,
  });
  atEnd(t, () => database.close());
  return database;
}

async function putOnPath(t: TestContext, program: string): Promise<void> {
  const path = `${dirname(program)}${delimiter}${process.env.PATH}`;
  useVariable(t, "PATH", path);
}

async function insert(uri: string): Promise<void> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 5000 });
  try {
    await client.db("test").collection("names").insertOne({ name: "ann" });
  } finally {
    await client.close();
  }
}

async function problemOf(attempt: Promise<unknown>): Promise<{
  problem: string;
  message: string;
}> {
  try {
    await attempt;
  } catch (error) {
    assert.ok(error instanceof DatabaseStartError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "nothing was refused" });
}

suite("startDatabase()", options, () => {
  test(
    "takes the database of a URI, and tells no password",
    options,
    async (t) => {
      const uri = "mongodb://ann:s3cret@db.example.com:27017/?tls=true";
      const database = await start(t, { dataDir: "/nowhere", uri });
      assert.equal(database.engine, "external");
      assert.equal(database.uri, uri);
      assert.equal(
        database.description,
        "the database at mongodb://db.example.com:27017/ (MONGODB_URI is set)",
      );
    },
  );

  test("starts the embedded database, and says why", options, async (t) => {
    const dataDir = join(await useFolder(t), "a new %41 ?folder #");
    const database = await start(t, { dataDir });
    await insert(database.uri);
    assert.equal(database.engine, "ferretdb");
    assert.equal(
      database.description,
      `embedded FerretDB 1.24.2 on ${dataDir}/ferretdb (no mongod: none on PATH, it may not be downloaded)`,
    );
    await database.close();
    const { code, signal } = await database.exited;
    assert.deepEqual({ code, signal }, { code: 0, signal: null });
    await database.close();
    const files = await readdir(join(dataDir, "ferretdb"));
    assert.ok(files.includes("test.sqlite"));
  });

  test(
    "does without a mongod whose host does not answer",
    options,
    async (t) => {
      useVariable(t, "MONGOMS_DOWNLOAD_MIRROR", "http://127.0.0.1:1");
      const { description } = await start(t, {
        dataDir: await useFolder(t),
        mayDownload: true,
      });
      assert.match(description, /none on PATH, 127\.0\.0\.1:1 does not answer/);
    },
  );

  test("starts a mongod where there is one", options, async (t) => {
    await putOnPath(t, await useMongod(t));
    const dataDir = await useFolder(t);
    const database = await start(t, { dataDir });
    assert.equal(database.engine, "mongod");
    assert.match(
      database.description,
      /^mongod \(.*\) on .*\(installed here\)$/,
    );
    await insert(database.uri);
    await database.close();
    const again = await start(t, { dataDir });
    assert.match(again.description, /it made the data, installed here/);
  });

  test(
    "stays with the embedded database that made the data",
    options,
    async (t) => {
      const dataDir = await useFolder(t);
      const first = await start(t, { dataDir });
      await insert(first.uri);
      await first.close();
      await putOnPath(t, await useMongod(t));
      const second = await start(t, { dataDir });
      assert.equal(second.engine, "ferretdb");
      assert.match(second.description, /\(it made the data\)$/);
    },
  );

  test(
    "takes the embedded database when a mongod does not start",
    options,
    async (t) => {
      await putOnPath(t, await useMongod(t, "kill -ILL $$"));
      const dataDir = await useFolder(t);
      const database = await start(t, { dataDir });
      assert.equal(database.engine, "ferretdb");
      assert.match(database.description, /no mongod: mongod ended by SIGILL/);
      assert.deepEqual(await readdir(dataDir), ["ferretdb"]);
    },
  );

  test(
    "refuses to hide the data of a mongod that is gone",
    options,
    async (t) => {
      const dataDir = await useFolder(t);
      await mkdir(join(dataDir, "mongod"));
      await writeFile(join(dataDir, "mongod", "WiredTiger"), "");
      const { problem, message } = await problemOf(start(t, { dataDir }));
      assert.equal(problem, "no-engine");
      assert.match(message, /was made by mongod, which cannot be started/);
    },
  );

  test(
    "names every way out when there is neither mongod nor Go",
    options,
    async (t) => {
      const dataDir = await useFolder(t);
      useVariable(t, "XDG_CACHE_HOME", dataDir);
      useVariable(t, "PATH", dataDir);
      const { problem, message } = await problemOf(start(t, { dataDir }));
      assert.equal(problem, "no-engine");
      assert.match(
        message,
        /go is not on PATH.*MONGODB_URI=….*install mongod.*install Go/,
      );
    },
  );

  test(
    "names the holder of a data folder that is in use",
    options,
    async (t) => {
      const dataDir = await useFolder(t);
      const { pid, uri } = await start(t, { dataDir });
      const { problem, message } = await problemOf(start(t, { dataDir }));
      assert.equal(problem, "data-in-use");
      assert.equal(
        message,
        `data folder ${dataDir}/ferretdb is held by process ${pid}, which listens on ${new URL(uri).host}: MONGODB_URI=${uri} uses that database, DATA_DIR=… takes another folder`,
      );
    },
  );

  test(
    "says at once what to do when the port is in use",
    options,
    async (t) => {
      const server = createServer().listen(0, "127.0.0.1");
      atEnd(t, () => server.close());
      await once(server, "listening");
      const address = server.address();
      assert.ok(typeof address === "object" && address !== null);
      const { port } = address;
      const dataDir = await useFolder(t);
      // An empty cache: without Go nothing could be built.
      useVariable(t, "XDG_CACHE_HOME", dataDir);
      const { problem, message } = await problemOf(start(t, { dataDir, port }));
      assert.equal(problem, "port-in-use");
      assert.equal(
        message,
        `port ${port} on 127.0.0.1 is in use: MONGODB_URI=mongodb://127.0.0.1:${port} uses the database that is there, DB_PORT=… takes another port (0: any free one)`,
      );
    },
  );

  test(
    "names the database of the same folder that has the port",
    options,
    async (t) => {
      const dataDir = await useFolder(t);
      const { pid, uri } = await start(t, { dataDir });
      const port = Number(new URL(uri).port);
      const { message } = await problemOf(start(t, { dataDir, port }));
      assert.ok(
        message.includes(
          `in use by process ${pid}, the database of ${dataDir}: `,
        ),
      );
    },
  );

  test(
    "resolves exited with the reason when the database is killed",
    options,
    async (t) => {
      const database = await start(t, { dataDir: await useFolder(t) });
      assert.ok(database.pid);
      process.kill(database.pid, "SIGKILL");
      assert.deepEqual(await database.exited, {
        code: null,
        signal: "SIGKILL",
        reason: "the embedded database ended by SIGKILL",
      });
    },
  );

  test("ends a database that hangs", options, async (t) => {
    const database = await start(t, { dataDir: await useFolder(t) });
    assert.ok(database.pid);
    process.kill(database.pid, "SIGSTOP");
    await database.close();
    assert.equal((await database.exited).signal, "SIGKILL");
  });

  test("starts nothing when told to stop", options, async (t) => {
    const dataDir = await useFolder(t);
    const attempt = start(t, { dataDir, signal: AbortSignal.abort() });
    await assert.rejects(attempt, { name: "AbortError" });
  });
});
