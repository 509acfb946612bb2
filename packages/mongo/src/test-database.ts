import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { needs, waitFor } from "@both-ends/testing";
import { isFerretdbBuilt } from "./ferretdb-binary.js";
import { findSystemMongod } from "./mongod-binary.js";
import { type RunningDatabase, startDatabase } from "./start-database.js";

/** A database that belongs to one test. */
export interface TestDatabase {
  /** Its MongoDB URI, the same after a restart. */
  readonly uri: string;
  /** The id of its process. Undefined if it is not known. */
  pid(): number | undefined;
  /** Kills it (SIGKILL) and waits until it is gone. */
  kill(): Promise<void>;
  /** Hangs it (SIGSTOP): connections stay open, nothing is answered any more. */
  stop(): Promise<void>;
  /** Lets a hung one go on (SIGCONT). */
  resume(): void;
  /** Ends it if it runs, and starts it with the same port and data. */
  restart(): Promise<void>;
}

/**
 * Test options that skip a test where no database can be had, with the reason;
 * with `CI=true` that is an error.
 *
 * @example test("stores a beat", needsDatabase(), async (t) => { … })
 */
export function needsDatabase(): { skip: string | false } {
  return findSystemMongod() !== undefined || isFerretdbBuilt()
    ? { skip: false }
    : needs("go");
}

/**
 * Starts a database of the test's own on a free port with an empty data
 * folder, and ends it after the test. That takes some 20 ms once the embedded
 * database is built, and minutes before. Nothing is downloaded for it.
 *
 * What a test makes after it is ended after it, when the database is gone
 * already: a client should bound its own closing, as `connectDatabase` does.
 */
export async function useDatabase(
  t: Pick<TestContext, "after">,
): Promise<TestDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), "test-database-"));
  let database: RunningDatabase | undefined;
  const kill = async () => {
    send(database, "SIGKILL");
    await database?.exited;
  };
  t.after(async () => {
    await kill();
    await rm(dataDir, { recursive: true, force: true });
  });
  database = await startDatabase({ dataDir, port: 0, mayDownload: false });
  const { uri } = database;
  const port = Number(new URL(uri).port);
  return {
    uri,
    pid: () => database?.pid,
    kill,
    async stop() {
      send(database, "SIGSTOP");
      await waitFor("the database to hang", () => isStopped(database?.pid));
    },
    resume: () => send(database, "SIGCONT"),
    async restart() {
      send(database, "SIGCONT");
      await database?.close();
      database = await startDatabase({ dataDir, port, mayDownload: false });
    },
  };
}

function send(
  database: RunningDatabase | undefined,
  signal: NodeJS.Signals,
): void {
  if (database?.pid === undefined) {
    return;
  }
  try {
    process.kill(database.pid, signal);
  } catch {
    // It has ended already.
  }
}

/**
 * Whether each thread has stopped: one may still answer when the signal is sent.
 * Where there is no /proc to see it, that is taken for granted.
 */
async function isStopped(pid: number | undefined): Promise<boolean> {
  const folder = `/proc/${pid}/task`;
  const threads = await readdir(folder).catch(() => []);
  const states = await Promise.all(
    threads.map((thread) => readFile(`${folder}/${thread}/stat`, "utf8")),
  );
  // The name in parentheses may hold anything, the state comes after it.
  return states.every((stat) => /.*\) [Tt] /s.test(stat));
}
