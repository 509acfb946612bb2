import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { run, waitFor } from "@both-ends/testing";
import { readDataHolder } from "./data-holder.js";
import { atEnd, useFolder, useMongod } from "./mongod-fixture.test.js";
import { needsDatabase } from "./test-database.js";

const options = { ...needsDatabase(), timeout: 60_000 };
const script = fileURLToPath(new URL("./main.js", import.meta.url));

interface Command {
  child: ChildProcess;
  dataDir: string;
  env: NodeJS.ProcessEnv;
  uri: string;
  /** The process of the database itself. */
  pid: number;
  output(): string;
}

async function useCommand(
  t: TestContext,
  { args = [] as string[], extra = {} as NodeJS.ProcessEnv } = {},
): Promise<Command> {
  const dataDir = await useFolder(t);
  const { MONGODB_URI: _, ...rest } = process.env;
  const env: NodeJS.ProcessEnv = {
    ...rest,
    DATA_DIR: dataDir,
    DB_PORT: "0",
    MONGOMS_RUNTIME_DOWNLOAD: "false",
    ...extra,
  };
  const child = spawn(process.execPath, [script, ...args], { env });
  atEnd(t, () => child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const uri = await waitFor(
    "the URI",
    () => /^MONGODB_URI=(.*)$/m.exec(output)?.[1],
  );
  const holder =
    readDataHolder(`${dataDir}/ferretdb`) ??
    readDataHolder(`${dataDir}/mongod`);
  assert.ok(holder);
  const { pid } = holder;
  return { child, dataDir, env, uri, pid, output: () => output };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function exitOf(child: ChildProcess): Promise<unknown> {
  if (child.exitCode === null && child.signalCode === null) {
    await once(child, "exit");
  }
  return child.exitCode ?? child.signalCode;
}

suite("npm run db", { ...options, concurrency: true }, () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`prints the URI, and ends all on ${signal}`, options, async (t) => {
      const { child, output, pid } = await useCommand(t);
      assert.match(
        output(),
        /^database: embedded FerretDB .*\nMONGODB_URI=mongodb:\/\/127\.0\.0\.1:\d+\n$/,
      );
      const start = performance.now();
      child.kill(signal);
      assert.equal(await exitOf(child), 0);
      assert.ok(performance.now() - start < 5000);
      assert.equal(isAlive(pid), false);
    });
  }

  test(
    "leaves no embedded database behind when it is killed",
    options,
    async (t) => {
      const { child, pid } = await useCommand(t);
      child.kill("SIGKILL");
      await waitFor("the database to end", () => !isAlive(pid));
    },
  );

  test("leaves no mongod behind when it is killed", options, async (t) => {
    const mongod = await useMongod(t);
    const extra = { MONGOMS_SYSTEM_BINARY: mongod };
    const { child, output, pid } = await useCommand(t, { extra });
    assert.match(output(), /^database: mongod/);
    child.kill("SIGKILL");
    await waitFor("the database to end", () => !isAlive(pid));
  });

  test("ends with its standard input if told so", options, async (t) => {
    const args = ["--exit-with-stdin"];
    const { child, pid } = await useCommand(t, { args });
    child.stdin?.end();
    assert.equal(await exitOf(child), 0);
    assert.equal(isAlive(pid), false);
  });

  test(
    "ends with 6 and the reason when the database is killed",
    options,
    async (t) => {
      const { child, output, pid } = await useCommand(t);
      process.kill(pid, "SIGKILL");
      assert.equal(await exitOf(child), 6);
      assert.match(output(), /the embedded database ended by SIGKILL\n$/);
    },
  );

  test(
    "ends with 3 and the holder when the data folder is in use",
    options,
    async (t) => {
      const { env, pid, uri } = await useCommand(t);
      const { code, stderr } = await run(process.execPath, [script], { env });
      assert.equal(code, 3);
      assert.match(
        stderr,
        new RegExp(`held by process ${pid}.*${uri}[^\n]*\n$`),
      );
    },
  );

  test("ends with 4 when the port is in use", options, async (t) => {
    const { env, uri } = await useCommand(t);
    const { code, stderr } = await run(process.execPath, [script], {
      env: { ...env, DATA_DIR: await useFolder(t), DB_PORT: new URL(uri).port },
    });
    assert.equal(code, 4);
    assert.match(stderr, /^port \d+ on 127\.0\.0\.1 is in use: MONGODB_URI=/);
  });

  test("ends with 2 and every mistake", options, async () => {
    const { code, stderr } = await run(process.execPath, [script, "--foo"], {
      env: { ...process.env, DB_PORT: "x" },
    });
    assert.equal(code, 2);
    assert.equal(
      stderr,
      "unknown option --foo\nDB_PORT is no port from 0 to 65535: x\n",
    );
  });

  test("starts nothing when MONGODB_URI is set", options, async () => {
    const { code, stdout } = await run(process.execPath, [script], {
      env: { ...process.env, MONGODB_URI: "mongodb://ann:s3cret@db" },
    });
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^nothing to start: MONGODB_URI is set to mongodb:\/\/db,/,
    );
  });

  test("answers --help", options, async () => {
    const { code, stdout } = await run(process.execPath, [script, "--help"]);
    assert.equal(code, 0);
    for (const name of ["MONGODB_URI", "DB_HOST", "DB_PORT", "DATA_DIR"]) {
      assert.ok(stdout.includes(name));
    }
  });
});
