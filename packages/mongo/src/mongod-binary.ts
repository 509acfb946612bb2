import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { findOnPath, isExecutable } from "./find-on-path.js";
import { askMongodBinary } from "./mongod-binary-process.js";

const findLimitMs = 15_000;

/**
 * The mongod that is installed here: the one that `MONGOMS_SYSTEM_BINARY`
 * names, else the one on PATH.
 */
export function findSystemMongod(): string | undefined {
  const named = process.env.MONGOMS_SYSTEM_BINARY;
  return named && isExecutable(named) ? named : findOnPath("mongod");
}

/** The mongod that mongodb-memory-server downloaded earlier. */
export async function findCachedMongod(
  signal?: AbortSignal,
): Promise<string | undefined> {
  // Asking takes a process and up to seconds: only if there may be one.
  if (!mayHaveCachedMongod()) {
    return undefined;
  }
  try {
    return await askMongodBinary("find", { limitMs: findLimitMs, signal });
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

function mayHaveCachedMongod(): boolean {
  const folders = [
    join(homedir(), ".cache", "mongodb-binaries"),
    join(process.cwd(), "node_modules", ".cache", "mongodb-memory-server"),
    join(process.cwd(), "mongodb-binaries"),
    process.env.MONGOMS_DOWNLOAD_DIR ?? "",
  ];
  return folders.some((folder) => {
    try {
      return readdirSync(folder).some((name) => name.startsWith("mongod"));
    } catch {
      return false;
    }
  });
}
