import { join } from "node:path";
import { readDataHolder } from "./data-holder.js";
import {
  type DatabaseAddress,
  databaseUri,
  formatAddress,
} from "./database-address.js";
import { DatabaseStartError } from "./database-start-error.js";

/** The error for a data folder that another process holds, which it names. */
export function dataInUse(folder: string): DatabaseStartError {
  const holder = readDataHolder(folder);
  const who = holder ? `process ${holder.pid}` : "another process";
  const where = holder?.address ? `, which listens on ${holder.address}` : "";
  const use = holder?.address
    ? `MONGODB_URI=mongodb://${holder.address} uses that database`
    : "end that process first";
  return new DatabaseStartError(
    "data-in-use",
    `data folder ${folder} is held by ${who}${where}: ${use}, DATA_DIR=… takes another folder`,
  );
}

/**
 * The error for a port that is taken. With a data folder, it tells the database
 * of that very folder from others.
 */
export function portInUse(
  address: DatabaseAddress,
  dataDir?: string,
): DatabaseStartError {
  const holder =
    dataDir === undefined
      ? undefined
      : ["ferretdb", "mongod"]
          .map((engine) => readDataHolder(join(dataDir, engine)))
          .find(
            (found) =>
              found?.address === formatAddress(address) && isAlive(found.pid),
          );
  const by = holder
    ? ` by process ${holder.pid}, the database of ${dataDir}`
    : "";
  return new DatabaseStartError(
    "port-in-use",
    `port ${address.port} on ${address.host} is in use${by}: MONGODB_URI=${databaseUri(address)} uses the database that is there, DB_PORT=… takes another port (0: any free one)`,
  );
}

/** A holder that was killed leaves its name behind. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
