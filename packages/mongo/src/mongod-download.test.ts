import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { appendFile, copyFile, mkdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { run } from "@both-ends/testing";
import { findCachedMongod } from "./mongod-binary.js";
import { downloadMongod } from "./mongod-download.js";
import {
  atEnd,
  useFolder,
  useMongod,
  useVariable,
} from "./mongod-fixture.test.js";
import { startDatabase } from "./start-database.js";
import { needsDatabase } from "./test-database.js";

const options = { ...needsDatabase(), timeout: 60_000 };

/** Serves an archive with a stand-in for mongod, and its checksum. */
async function useMirror(t: TestContext, status = 200): Promise<void> {
  const folder = await useFolder(t);
  await mkdir(join(folder, "mongodb", "bin"), { recursive: true });
  const program = join(folder, "mongodb", "bin", "mongod");
  await copyFile(await useMongod(t), program);
  // A program of less than 1 MiB is taken for one cut short.
  await appendFile(program, `exit\n${"#".repeat(2 ** 20)}`);
  const tar = await run("tar", ["-czf", "a.tgz", "mongodb"], { cwd: folder });
  assert.equal(tar.code, 0, tar.stderr);
  const archive = await readFile(join(folder, "a.tgz"));
  const checksum = createHash("md5").update(archive).digest("hex");
  const server = createServer((request, response) => {
    const body = request.url?.endsWith(".md5") ? checksum : archive;
    response
      .writeHead(status, { "content-length": Buffer.byteLength(body) })
      .end(body);
  }).listen(0, "127.0.0.1");
  atEnd(t, () => server.close());
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const mirror = `http://127.0.0.1:${address.port}`;
  useVariable(t, "MONGOMS_DOWNLOAD_MIRROR", mirror);
  useVariable(t, "MONGOMS_USE_HTTP", "true");
  useVariable(t, "MONGOMS_MAX_RETRIES", "1");
  useVariable(t, "MONGOMS_DOWNLOAD_DIR", join(folder, "downloads"));
}

suite("downloadMongod()", options, () => {
  test("downloads one that is found from then on", options, async (t) => {
    await useMirror(t);
    assert.equal(await findCachedMongod(), undefined);
    const lines: string[] = [];
    const path = await downloadMongod({
      onProgress: (line) => lines.push(line),
    });
    assert.deepEqual(lines, ["first start: downloading mongod, once"]);
    assert.equal(await findCachedMongod(), path);
  });

  test(
    "is done by startDatabase() when the mirror answers",
    options,
    async (t) => {
      await useMirror(t);
      const dataDir = await useFolder(t);
      const database = await startDatabase({ dataDir, port: 0 });
      atEnd(t, () => database.close());
      assert.equal(database.engine, "mongod");
      assert.match(database.description, /\(downloaded now\)$/);
      await database.close();
      const again = await startDatabase({
        dataDir,
        port: 0,
        mayDownload: false,
      });
      atEnd(t, () => again.close());
      assert.match(
        again.description,
        /\(it made the data, downloaded earlier\)$/,
      );
    },
  );

  test(
    "tells in one line why it fails, and startDatabase() goes on without",
    options,
    async (t) => {
      await useMirror(t, 403);
      await assert.rejects(downloadMongod({}), (error) => {
        assert.ok(error instanceof Error);
        assert.match(error.message, /403/);
        assert.ok(!error.message.includes("\n"));
        return true;
      });
      const dataDir = await useFolder(t);
      const database = await startDatabase({ dataDir, port: 0 });
      atEnd(t, () => database.close());
      assert.equal(database.engine, "ferretdb");
      assert.match(
        database.description,
        /no mongod: cannot download mongod: .*403/,
      );
    },
  );

  test("ends when told so", options, async (t) => {
    await useMirror(t);
    const stop = new AbortController();
    const download = downloadMongod({
      onProgress: () => setImmediate(() => stop.abort()),
      signal: stop.signal,
    });
    await assert.rejects(download, { name: "AbortError" });
  });
});
