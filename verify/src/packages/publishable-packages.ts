import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** A package that others can install. */
export interface PublishablePackage {
  readonly name: string;
  readonly folder: string;
}

/** Finds the packages that are not private. */
export async function findPublishablePackages(): Promise<PublishablePackage[]> {
  const parent = join(root, "packages");
  const found: PublishablePackage[] = [];
  for (const entry of (await readdir(parent)).sort()) {
    const folder = join(parent, entry);
    const manifest = JSON.parse(
      await readFile(join(folder, "package.json"), "utf8"),
    );
    if (manifest.private !== true) {
      found.push({ name: manifest.name, folder });
    }
  }
  return found;
}
