import {
  type DatabaseAddress,
  formatAddress,
  parsePort,
} from "./database-address.js";
import {
  DatabaseExitError,
  type DatabaseProcess,
  startDatabaseProcess,
} from "./database-process.js";
import { DatabaseStartError } from "./database-start-error.js";
import { dataInUse, portInUse } from "./in-use.js";

/** What the embedded database needs to start. */
export interface FerretdbOptions extends DatabaseAddress {
  /** The program, as built. */
  binary: string;
  /** Its data folder. Made if it is not there. */
  folder: string;
  /** Called with what the database complains about while it runs. */
  onProgress?: ((line: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Exit codes of the program, see ferretdb/main.go. */
const exitDataInUse = 3;
const exitAddressInUse = 4;

/** Starts the embedded database and waits until it answers. */
export async function startFerretdb(
  options: FerretdbOptions,
): Promise<DatabaseProcess> {
  const { binary, folder, onProgress, signal } = options;
  try {
    return await startDatabaseProcess({
      name: "the embedded database",
      command: binary,
      args: [
        `-listen=${formatAddress(options)}`,
        `-data=${folder}`,
        "-exit-with-stdin",
      ],
      readPort: (line) =>
        line.startsWith("listening ") ? parsePort(line) : undefined,
      onErrorLine: onProgress,
      signal,
    });
  } catch (error) {
    if (!(error instanceof DatabaseExitError)) {
      throw error;
    }
    switch (error.exit.code) {
      case exitDataInUse:
        throw dataInUse(folder);
      case exitAddressInUse:
        throw portInUse(options);
      default:
        throw new DatabaseStartError("failed", error.message);
    }
  }
}
