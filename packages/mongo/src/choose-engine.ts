/** The databases that this package can start. */
export type Engine = "mongod" | "ferretdb";

/** Whether there is a mongod to start. */
export type MongodFinding =
  /** On PATH, or named by `MONGOMS_SYSTEM_BINARY`. */
  | { readonly kind: "system"; readonly path: string }
  /** Downloaded earlier. */
  | { readonly kind: "cached"; readonly path: string }
  /** Not here, but the host that has it answers. */
  | { readonly kind: "downloadable" }
  | { readonly kind: "absent"; readonly reason: string };

/** Whether the embedded database can be started. */
export type FerretdbFinding =
  | { readonly kind: "built" }
  /** Not built, but Go is here. */
  | { readonly kind: "buildable" }
  | { readonly kind: "absent"; readonly reason: string };

/** What was found on this machine. */
export interface EngineFindings {
  /** The folder under which the engines keep their data, for messages. */
  readonly dataDir: string;
  /** The engines whose data lies there. */
  readonly withData: readonly Engine[];
  readonly mongod: MongodFinding;
  readonly ferretdb: FerretdbFinding;
}

/** Which database to start, and why; or why none can be. */
export type EngineChoice =
  | {
      readonly engine: "mongod";
      readonly mongod: Exclude<MongodFinding, { kind: "absent" }>;
      readonly why: string;
    }
  | { readonly engine: "ferretdb"; readonly why: string }
  | { readonly engine: "none"; readonly message: string };

/**
 * Chooses which database to start: a mongod before the embedded FerretDB, but
 * always the one that made the data, so that no data is hidden by what was
 * installed later.
 */
export function chooseEngine(findings: EngineFindings): EngineChoice {
  const { dataDir, withData, mongod, ferretdb } = findings;
  if (withData.length > 1) {
    return none(
      `both ${dataDir}/mongod and ${dataDir}/ferretdb hold data: move one of them away`,
    );
  }
  const [owner] = withData;
  if (owner === "mongod" && mongod.kind === "absent") {
    return none(
      `the data in ${dataDir}/mongod was made by mongod, which cannot be started (${mongod.reason}): install mongod, set MONGODB_URI=… to a database that runs, or move the folder away to begin anew`,
    );
  }
  if (owner === "ferretdb" && ferretdb.kind === "absent") {
    return none(
      `the data in ${dataDir}/ferretdb was made by the embedded database, which cannot be built (${ferretdb.reason}): install Go from https://go.dev/dl, set MONGODB_URI=… to a database that runs, or move the folder away to begin anew`,
    );
  }
  if (owner !== "ferretdb" && mongod.kind !== "absent") {
    return { engine: "mongod", mongod, why: whyMongod(mongod, owner) };
  }
  if (ferretdb.kind !== "absent") {
    const why =
      owner === "ferretdb"
        ? "it made the data"
        : `no mongod: ${mongod.kind === "absent" ? mongod.reason : ""}`;
    return { engine: "ferretdb", why };
  }
  const reasons = [
    ...(mongod.kind === "absent" ? [`no mongod: ${mongod.reason}`] : []),
    `no embedded database: ${ferretdb.reason}`,
  ].join("; ");
  return none(
    `no database can be had (${reasons}): set MONGODB_URI=… to one that runs, install mongod (https://www.mongodb.com/docs/manual/installation), or install Go from https://go.dev/dl so that the embedded database can be built`,
  );
}

function none(message: string): EngineChoice {
  return { engine: "none", message };
}

function whyMongod(
  mongod: Exclude<MongodFinding, { kind: "absent" }>,
  owner: Engine | undefined,
): string {
  const origin = {
    system: "installed here",
    cached: "downloaded earlier",
    downloadable: "downloaded now",
  }[mongod.kind];
  return owner === "mongod" ? `it made the data, ${origin}` : origin;
}
