import { createHash } from "node:crypto";
import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  ferretdbPatch,
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
  const hash = createHash("sha256").update(JSON.stringify(ferretdbPatch));
  const names = readdirSync(ferretdbSource).filter(
    (name) =>
      name === "go.mod" ||
      name === "go.sum" ||
      (name.endsWith(".go") && !name.endsWith("_test.go")),
  );
  for (const name of names.sort()) {
    hash.update(name).update("\0");
    hash.update(readFileSync(join(ferretdbSource, name))).update("\0");
  }
  return hash.digest("hex").slice(0, 12);
}
