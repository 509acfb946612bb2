import { join, resolve } from "node:path";
import { buildFerretdb } from "./build-ferretdb.js";
import { chooseEngine, type EngineChoice } from "./choose-engine.js";
import { type DatabaseAddress, databaseUri } from "./database-address.js";
import type { DatabaseExit, DatabaseProcess } from "./database-process.js";
import { DatabaseStartError } from "./database-start-error.js";
import { startFerretdb } from "./ferretdb-process.js";
import { ferretdbVersion } from "./ferretdb-source.js";
import { findEngines } from "./find-engines.js";
import { isPortInUse } from "./find-free-port.js";
import { portInUse } from "./in-use.js";
import { downloadMongod } from "./mongod-download.js";
import { startMongod } from "./mongod-process.js";
import { redactUri } from "./redact-uri.js";

/** How to find and start a database. */
export interface StartDatabaseOptions {
  /** The folder under which each engine keeps its data in one of its own. */
  dataDir: string;
  /** A database that is there already. By default, one is started. */
  uri?: string | undefined;
  /** The host it listens on. By default, `127.0.0.1`. */
  host?: string | undefined;
  /** The port it listens on; 0 is any free one. By default, 27017. */
  port?: number | undefined;
  /** Whether a mongod may be downloaded. By default, it may. */
  mayDownload?: boolean | undefined;
  /**
   * Called with lines for people: about what takes time, at least every 5 s,
   * and what the database complains about later. By default, not called.
   */
  onProgress?: ((line: string) => void) | undefined;
  /** Ends the attempt, but not a database that already runs. */
  signal?: AbortSignal | undefined;
}

/** A database that answers. */
export interface RunningDatabase {
  readonly engine: "external" | "mongod" | "ferretdb";
  readonly uri: string;
  /** Which database was taken, and why, in one line without credentials. */
  readonly description: string;
  /** The process of the database, absent for an external one. */
  readonly pid?: number;
  /** Resolves when the process has ended; for an external one never. */
  readonly exited: Promise<DatabaseExit>;
  /** Ends the database within some 5 s. Leaves an external one alone. */
  close(): Promise<void>;
}

interface Start extends DatabaseAddress {
  readonly dataDir: string;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Finds a database, or starts one, and waits until it answers. In this order:
 *
 * 1. the one at `uri`, which is not looked at;
 * 2. a mongod: an installed one, one downloaded earlier, one downloaded now if
 *    its host answers within 2 s;
 * 3. the embedded FerretDB, built with Go at the first start.
 *
 * The engine that made the data in the data folder keeps it. A database that
 * was started ends with this process, also if that is killed.
 *
 * Throws a `DatabaseStartError` that says what to do.
 */
export async function startDatabase(
  options: StartDatabaseOptions,
): Promise<RunningDatabase> {
  const { host = "127.0.0.1", port = 27017, signal } = options;
  const { onProgress = () => {}, mayDownload = true } = options;
  if (options.uri) {
    return externalDatabase(options.uri);
  }
  const dataDir = resolve(options.dataDir);
  const start: Start = { dataDir, host, port, onProgress, signal };
  // Before a build of minutes, not after it.
  if (await isPortInUse(host, port)) {
    throw portInUse({ host, port }, dataDir);
  }
  const findings = await findEngines({ dataDir, mayDownload, signal });
  const choice = chooseEngine(findings);
  if (choice.engine !== "mongod") {
    return await startChosen(choice, start);
  }
  try {
    return await startChosen(choice, start);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof DatabaseStartError) || error.problem !== "failed") {
      throw error;
    }
    const mongod = { kind: "absent" as const, reason: error.message };
    return await startChosen(chooseEngine({ ...findings, mongod }), start);
  }
}

function externalDatabase(uri: string): RunningDatabase {
  return {
    engine: "external",
    uri,
    description: `the database at ${redactUri(uri)} (MONGODB_URI is set)`,
    exited: new Promise(() => {}),
    close: async () => {},
  };
}

async function startChosen(
  choice: EngineChoice,
  start: Start,
): Promise<RunningDatabase> {
  switch (choice.engine) {
    case "none":
      throw new DatabaseStartError("no-engine", choice.message);
    case "mongod": {
      const folder = join(start.dataDir, "mongod");
      const binary = await mongodBinary(choice.mongod, start);
      const database = await startMongod({ ...start, binary, folder });
      return running("mongod", database, start, {
        description: `mongod (${binary}) on ${folder} (${choice.why})`,
      });
    }
    case "ferretdb": {
      const folder = join(start.dataDir, "ferretdb");
      const binary = await buildFerretdb(start);
      const database = await startFerretdb({ ...start, binary, folder });
      return running("ferretdb", database, start, {
        description: `embedded FerretDB ${ferretdbVersion} on ${folder} (${choice.why})`,
      });
    }
  }
}

async function mongodBinary(
  mongod: Extract<EngineChoice, { engine: "mongod" }>["mongod"],
  start: Start,
): Promise<string> {
  if (mongod.kind !== "downloadable") {
    return mongod.path;
  }
  try {
    return await downloadMongod(start);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatabaseStartError("failed", `cannot download mongod: ${reason}`);
  }
}

function running(
  engine: "mongod" | "ferretdb",
  database: DatabaseProcess,
  { host }: DatabaseAddress,
  { description }: { description: string },
): RunningDatabase {
  const { pid, port, exited, close } = database;
  const uri = databaseUri({ host, port });
  return { engine, uri, description, pid, exited, close };
}
