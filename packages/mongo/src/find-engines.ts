import { readdirSync } from "node:fs";
import { join } from "node:path";
import type {
  Engine,
  EngineFindings,
  FerretdbFinding,
  MongodFinding,
} from "./choose-engine.js";
import { isFerretdbBuilt } from "./ferretdb-binary.js";
import { findOnPath } from "./find-on-path.js";
import { findCachedMongod, findSystemMongod } from "./mongod-binary.js";
import { checkMongodDownload } from "./mongod-download.js";

/** What to look for. */
export interface FindEnginesOptions {
  dataDir: string;
  /** Whether a mongod may be downloaded. */
  mayDownload: boolean;
  signal?: AbortSignal | undefined;
}

/** Looks for what can be started here. It takes some 2 s at most. */
export async function findEngines(
  options: FindEnginesOptions,
): Promise<EngineFindings> {
  const { dataDir } = options;
  const withData = enginesWithData(dataDir);
  return {
    dataDir,
    withData,
    mongod: withData.includes("ferretdb")
      ? { kind: "absent", reason: "not looked for" }
      : await findMongod(options),
    ferretdb: findFerretdb(),
  };
}

function enginesWithData(dataDir: string): Engine[] {
  const ferretdb = list(join(dataDir, "ferretdb"));
  const mongod = list(join(dataDir, "mongod"));
  return [
    ...(ferretdb.some((name) => name.endsWith(".sqlite"))
      ? ["ferretdb" as const]
      : []),
    ...(mongod.includes("WiredTiger") || mongod.includes("storage.bson")
      ? ["mongod" as const]
      : []),
  ];
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

async function findMongod(options: FindEnginesOptions): Promise<MongodFinding> {
  const system = findSystemMongod();
  if (system !== undefined) {
    return { kind: "system", path: system };
  }
  const cached = await findCachedMongod(options.signal);
  if (cached !== undefined) {
    return { kind: "cached", path: cached };
  }
  const obstacle = options.mayDownload
    ? await checkMongodDownload()
    : "it may not be downloaded";
  return obstacle === undefined
    ? { kind: "downloadable" }
    : { kind: "absent", reason: `none on PATH, ${obstacle}` };
}

function findFerretdb(): FerretdbFinding {
  if (process.platform === "win32") {
    return { kind: "absent", reason: "it does not run on Windows" };
  }
  if (isFerretdbBuilt()) {
    return { kind: "built" };
  }
  return findOnPath("go") === undefined
    ? { kind: "absent", reason: "go is not on PATH" }
    : { kind: "buildable" };
}
