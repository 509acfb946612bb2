import { spawn } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DatabaseAddress, formatAddress } from "./database-address.js";
import {
  DatabaseExitError,
  type DatabaseProcess,
  startDatabaseProcess,
} from "./database-process.js";
import { DatabaseStartError } from "./database-start-error.js";
import { findFreePort } from "./find-free-port.js";
import { dataInUse, portInUse } from "./in-use.js";

/** What a mongod needs to start. */
export interface MongodOptions extends DatabaseAddress {
  /** The program. */
  binary: string;
  /** Its data folder. Made if it is not there. */
  folder: string;
  signal?: AbortSignal | undefined;
}

/** Starts a mongod and waits until it answers. */
export async function startMongod(
  options: MongodOptions,
): Promise<DatabaseProcess> {
  const { binary, folder, host, signal } = options;
  const isNew = (await mkdir(folder, { recursive: true })) !== undefined;
  const port = options.port || (await findFreePort(host));
  try {
    const database = await startDatabaseProcess({
      name: "mongod",
      command: binary,
      args: ["--dbpath", folder, "--port", `${port}`, "--bind_ip", host],
      readPort: (line) =>
        line.includes('"Waiting for connections"') ? port : undefined,
      readComplaint: readMongodComplaint,
      onSpawn: guardAgainstOrphan,
      signal,
    });
    const lock = join(folder, "lock");
    database.exited
      .then(() => rm(lock, { force: true }))
      .catch(() => {
        // It names a process that is gone, which is looked at before use.
      });
    await writeFile(
      lock,
      JSON.stringify({
        pid: database.pid,
        address: formatAddress({ host, port }),
      }),
    );
    return database;
  } catch (error) {
    if (error instanceof DatabaseExitError) {
      if (error.message.includes("DBPathInUse")) {
        throw dataInUse(folder);
      }
      if (error.message.includes("Address already in use")) {
        throw portInUse({ host, port });
      }
    }
    if (isNew) {
      // What a first start left half made is no data.
      await rm(folder, { recursive: true, force: true });
    }
    throw new DatabaseStartError(
      "failed",
      error instanceof Error ? error.message : String(error),
    );
  }
}

/** Reads errors (E) and fatal ones (F) from mongod's log, a JSON line each. */
export function readMongodComplaint(line: string): string | undefined {
  if (!/"s":"[EF]"/.test(line)) {
    return undefined;
  }
  const message = /"msg":"([^"]*)"/.exec(line)?.[1] ?? "";
  const detail = /"error(?:msg|String)?":\s*("[^"]*"|\{[^}]*\})/.exec(
    line,
  )?.[1];
  return detail === undefined ? message : `${message}: ${detail}`;
}

/**
 * Ends a mongod whose parent was killed. The pipe to the guard breaks with the
 * parent, whatever ended it.
 */
function guardAgainstOrphan(pid: number, exited: Promise<unknown>): void {
  if (process.platform === "win32") {
    return;
  }
  const script = 'cat; kill "$1"; sleep 5; kill -KILL "$1"';
  const guard = spawn("/bin/sh", ["-c", script, "sh", `${pid}`], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.on("error", () => {});
  guard.stdin.on("error", () => {});
  exited.then(() => {
    guard.kill("SIGKILL");
    guard.stdin.destroy();
  });
}
