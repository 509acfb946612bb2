import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The process that holds a data folder. */
export interface DataHolder {
  readonly pid: number;
  /** `host:port`, once it listens. */
  readonly address?: string;
}

/**
 * Reads who holds a data folder from the lock file in it. A process that was
 * killed leaves its name behind: what is read is true only if the folder is
 * known to be held.
 */
export function readDataHolder(folder: string): DataHolder | undefined {
  try {
    const value: unknown = JSON.parse(
      readFileSync(join(folder, "lock"), "utf8"),
    );
    if (
      typeof value === "object" &&
      value !== null &&
      "pid" in value &&
      typeof value.pid === "number"
    ) {
      const address =
        "address" in value && typeof value.address === "string"
          ? value.address
          : undefined;
      return { pid: value.pid, ...(address !== undefined && { address }) };
    }
  } catch {
    // No file, or one that is being written: nobody can be named.
  }
  return undefined;
}
