import { createHash } from "node:crypto";
import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  ferretdbAddition,
  ferretdbPatches,
  ferretdbSource,
  ferretdbVersion,
} from "./ferretdb-source.js";

/**
 * Where the embedded database lies once it is built: a file in the user's
 * cache folder, named for its version, its source and the machine's kind, so
 * that a change of any of them builds anew.
 */
export function ferretdbBinaryPath(
  env: NodeJS.ProcessEnv = process.env,
): string {
  const cache = env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const build = `${ferretdbVersion}-${process.platform}-${process.arch}-${hashSource()}`;
  return join(cache, "both-ends", "ferretdb", build, "ferretdb");
}

/** Tells whether the embedded database is built. */
export function isFerretdbBuilt(env: NodeJS.ProcessEnv = process.env): boolean {
  try {
    accessSync(ferretdbBinaryPath(env), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function hashSource(): string {
  const { folder, name, source } = ferretdbAddition;
  const hash = createHash("sha256")
    .update(JSON.stringify([ferretdbPatches, folder]))
    .update(readFileSync(join(source, name)));
  const names = readdirSync(ferretdbSource).filter(
    (file) =>
      file === "go.mod" ||
      file === "go.sum" ||
      (file.endsWith(".go") && !file.endsWith("_test.go")),
  );
  for (const file of names.sort()) {
    hash.update(file).update("\0");
    hash.update(readFileSync(join(ferretdbSource, file))).update("\0");
  }
  return hash.digest("hex").slice(0, 12);
}
