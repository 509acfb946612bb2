import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { baseOptions } from "./config.js";
import { writeSecrets } from "./secrets.js";

suite("writeSecrets()", () => {
  test("makes random ones that services take, and keeps them", async (t) => {
    const folder = await useFolder(t);
    const all = ["mongodb-password", "mongodb-uri", "heartbeat-token"];
    assert.deepEqual(await writeSecrets(folder, {}), all);
    const first = await readAll(folder);
    assert.match(first.password, /^[\w-]{32}$/);
    assert.equal(
      first.uri,
      `mongodb://root:${first.password}@mongo:27017/?authSource=admin`,
    );
    const ports = {
      port: 0,
      grpcPort: 0,
      metricsPort: 0,
      workerMetricsPort: 0,
    };
    const options = baseOptions(ports);
    assert.equal(options.HEARTBEAT_TOKEN.parse(first.token), first.token);
    assert.equal(options.MONGODB_URI.parse(first.uri), first.uri);

    assert.deepEqual(await writeSecrets(folder, {}), []);
    assert.deepEqual(await readAll(folder), first);
    const other = await useFolder(t);
    await writeSecrets(other, {});
    assert.notEqual((await readAll(other)).password, first.password);
  });

  test("takes what is given, at any start", async (t) => {
    const folder = await useFolder(t);
    await writeSecrets(folder, {});
    const env = {
      MONGODB_PASSWORD: "p@ss/word",
      HEARTBEAT_TOKEN: "t".repeat(16),
    };
    await writeSecrets(folder, env);
    const { password, token, uri } = await readAll(folder);
    assert.deepEqual(
      { password, token },
      { password: "p@ss/word", token: env.HEARTBEAT_TOKEN },
    );
    assert.match(uri, /^mongodb:\/\/root:p%40ss%2Fword@/);
  });
});

async function useFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "secrets-"));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, "made");
}

async function readAll(folder: string) {
  const [password = "", uri = "", token = ""] = await Promise.all(
    ["mongodb-password", "mongodb-uri", "heartbeat-token"].map((name) =>
      readFile(join(folder, name), "utf8"),
    ),
  );
  return { password, uri, token };
}
