import type { Dirent } from "node:fs";
import {
  copyFile,
  mkdir,
  readdir,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import {
  type FerretdbPatch,
  ferretdbAddition,
  ferretdbPatches,
  ferretdbSource,
} from "./ferretdb-source.js";
import { buildFailure } from "./run-go.js";

const modulePath = "github.com/FerretDB/FerretDB";

/**
 * Copies FerretDB's source into a folder, patches it, and gives the path of a
 * go.mod that builds with the copy. Its checksum is checked by Go before.
 */
export async function patchFerretdb(
  folder: string,
  runGo: (args: readonly string[]) => Promise<string>,
): Promise<string> {
  const original = readFolder(
    await runGo(["mod", "download", "-json", modulePath]),
  );
  const copy = join(folder, "source");
  await copySource(original, copy);

  for (const patch of ferretdbPatches) {
    await applyPatch(copy, patch);
  }
  const { folder: to, name, source } = ferretdbAddition;
  await copyFile(join(source, name), join(copy, to, name));

  const modfile = join(folder, "go.mod");
  const mod = await readFile(join(ferretdbSource, "go.mod"), "utf8");
  await writeFile(modfile, `${mod}\nreplace ${modulePath} => ${quote(copy)}\n`);
  await copyFile(join(ferretdbSource, "go.sum"), join(folder, "go.sum"));
  return modfile;
}

async function applyPatch(
  copy: string,
  { file, from, to }: FerretdbPatch,
): Promise<void> {
  const path = join(copy, file);
  const text = await readFile(path, "utf8");
  if (!text.includes(from)) {
    throw buildFailure(`nothing to patch in ${file}`);
  }
  // The module cache is read-only, and so is the copy.
  await rm(path);
  await writeFile(
    path,
    text.replace(from, () => to),
  );
}

function readFolder(json: string): string {
  const found: unknown = JSON.parse(json);
  if (
    typeof found === "object" &&
    found !== null &&
    "Dir" in found &&
    typeof found.Dir === "string"
  ) {
    return found.Dir;
  }
  throw buildFailure(`go mod download names no folder for ${modulePath}`);
}

/**
 * Copies files, but for tests, without the read-only modes of the folders they
 * lie in.
 */
async function copySource(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter(isSource)) {
    const source = join(entry.parentPath, entry.name);
    const target = join(to, relative(from, source));
    await mkdir(dirname(target), { recursive: true });
    await copyFile(source, target);
  }
}

function isSource(entry: Dirent): boolean {
  return entry.isFile() && !entry.name.endsWith("_test.go");
}

/** A path as go.mod takes it, whatever is in it. */
function quote(path: string): string {
  return JSON.stringify(path);
}
