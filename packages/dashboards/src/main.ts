import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  boardFolder,
  createGeneratedFiles,
  ruleFolder,
} from "./generated-files.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const files = createGeneratedFiles();

// What an older version generated and this one does not goes away.
for (const [folder, extension] of [
  [boardFolder, ".json"],
  [ruleFolder, ".yml"],
] as const) {
  await mkdir(join(root, folder), { recursive: true });
  for (const name of await readdir(join(root, folder))) {
    const path = `${folder}/${name}`;
    if (name.endsWith(extension) && !files.some((file) => file.path === path)) {
      await rm(join(root, path));
    }
  }
}
for (const { path, text } of files) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}
process.stdout.write(`generated ${files.map(({ path }) => path).join(", ")}\n`);
