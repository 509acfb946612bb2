import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type PortName, services } from "@both-ends/launcher";
import { insertions } from "./insertions.js";
import { newFiles } from "./new-files.js";
import { nextPorts } from "./next-ports.js";
import { spellNames } from "./service-names.js";

/** What was added. */
export interface AddedService {
  /** The ports that the service has by default. */
  readonly ports: Readonly<Record<PortName, number>>;
  /** The files that were made or changed, from the root. */
  readonly files: readonly string[];
}

/**
 * Adds a service to the repository: its schema, its folder, and its places in
 * the launcher, in docker-compose.yml, in prometheus.yml and in tsconfig.json.
 * All is checked before the first byte is written. Throws a RangeError for a
 * name that is no name or is taken, and an Error for a file that does not look
 * as expected.
 */
export async function addService(
  root: string,
  name: string,
): Promise<AddedService> {
  const names = spellNames(name);
  const ports = nextPorts(services);
  const files = new Map(newFiles(names, ports));
  for (const file of [...files.keys(), `services/${name}`]) {
    if (existsSync(join(root, file))) {
      throw new RangeError(`${file} is there already`);
    }
  }
  for (const { file, before, text } of insertions(names, ports)) {
    const content =
      files.get(file) ?? (await readFile(join(root, file), "utf8"));
    const [head, tail, ...more] = content.split(`\n${before}`);
    if (head === undefined || tail === undefined || more.length > 0) {
      throw new Error(
        `${file} has no line, or several, that begin with ${JSON.stringify(before)}`,
      );
    }
    files.set(file, `${head}\n${text}${before}${tail}`);
  }
  files.set("tsconfig.json", await addReference(root, `services/${name}`));
  for (const [file, content] of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), content);
  }
  return { ports, files: [...files.keys()] };
}

async function addReference(root: string, path: string): Promise<string> {
  const text = await readFile(join(root, "tsconfig.json"), "utf8");
  // The file is this repository's own, and has references alone.
  const settings = JSON.parse(text) as { references: { path: string }[] };
  settings.references.push({ path });
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}
