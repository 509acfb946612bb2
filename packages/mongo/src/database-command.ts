import { resolve } from "node:path";
import type { DatabaseStartProblem } from "./database-start-error.js";

/** What the command line and the environment ask of the database command. */
export type DatabaseCommand =
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly mistakes: readonly string[] }
  | {
      readonly kind: "start";
      /** `MONGODB_URI`: a database that is there already. */
      readonly uri: string | undefined;
      readonly host: string;
      readonly port: number;
      readonly dataDir: string;
      readonly exitWithStdin: boolean;
    };

/** Exit code for a wrong option or variable. */
export const exitWrong = 2;

/** Exit code for a database that ended by itself. */
export const exitDatabaseEnded = 6;

/** Exit code for each reason why a database cannot be started. */
export const exitCodes: Readonly<Record<DatabaseStartProblem, number>> = {
  failed: 1,
  "data-in-use": 3,
  "port-in-use": 4,
  "no-engine": 5,
};

/** The answer to `--help`. */
export const helpText = `Starts a database and runs until SIGTERM or SIGINT: an installed mongod, one
downloaded earlier or now, or else the embedded FerretDB, built with Go at the
first start. Prints which one it took and the line MONGODB_URI=… to use it.

Options
  --exit-with-stdin  end at the end of standard input (a killed parent leaves no orphan)
  --help             this text

Environment
  MONGODB_URI  a database that is there already: nothing is started
  DB_HOST      host to listen on (127.0.0.1)
  DB_PORT      port to listen on, 0 for any free one (27017)
  DATA_DIR     folder under which the data is kept (.data)

Exit codes
  0  ended as asked, or nothing to start
  1  cannot start the database
  2  wrong option or variable
  3  the data folder is in use
  4  the port is in use
  5  no database can be had on this machine
  6  the database ended by itself
`;

/** Reads the command line and the environment, naming all mistakes at once. */
export function parseDatabaseCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): DatabaseCommand {
  if (args.includes("--help")) {
    return { kind: "help" };
  }
  const port = env.DB_PORT ? Number(env.DB_PORT) : 27017;
  const mistakes = [
    ...args
      .filter((arg) => arg !== "--exit-with-stdin")
      .map((arg) => `unknown option ${arg}`),
    ...(Number.isInteger(port) && port >= 0 && port <= 65535
      ? []
      : [`DB_PORT is no port from 0 to 65535: ${env.DB_PORT}`]),
  ];
  if (mistakes.length > 0) {
    return { kind: "wrong", mistakes };
  }
  return {
    kind: "start",
    uri: env.MONGODB_URI || undefined,
    host: env.DB_HOST || "127.0.0.1",
    port,
    dataDir: resolve(env.DATA_DIR || ".data"),
    exitWithStdin: args.includes("--exit-with-stdin"),
  };
}
