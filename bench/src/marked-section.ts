import { readFile, writeFile } from "node:fs/promises";

/**
 * Writes a part of a document between `<!-- <name>:begin -->` and
 * `<!-- <name>:end -->` and leaves the rest as it is. Without the markers it
 * comes at the end; without the file, a document with that title is made.
 * Throws an Error if one of the markers is missing.
 */
export async function writeSection(
  file: string,
  name: string,
  text: string,
  title: string,
): Promise<void> {
  const begin = `<!-- ${name}:begin -->`;
  const end = `<!-- ${name}:end -->`;
  const section = `${begin}\n${text.trim()}\n${end}`;
  const old = await readIfThere(file);
  if (old === undefined) {
    await writeFile(file, `# ${title}\n\n${section}\n`);
    return;
  }
  const from = old.indexOf(begin);
  const to = old.indexOf(end);
  if (from === -1 && to === -1) {
    await writeFile(file, `${old.trimEnd()}\n\n${section}\n`);
    return;
  }
  if (from === -1 || to < from) {
    throw new Error(`${file} has one of ${begin} and ${end} without the other`);
  }
  const rest = old.slice(to + end.length);
  await writeFile(file, `${old.slice(0, from)}${section}${rest}`);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}
