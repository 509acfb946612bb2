// Writes the tables of docs/configuration.md from the schemas of the services.
// With --check it writes nothing, and fails if they are not up to date.
// Needs the compiled code: npm run build.
import { readFileSync, writeFileSync } from "node:fs";
import { formatConfigTables } from "../packages/service/dist/index.js";
import { edge } from "../services/edge/dist/app.js";
import { revertName } from "../services/revert-name/dist/app.js";
import { time } from "../services/time/dist/app.js";

const page = new URL("../docs/configuration.md", import.meta.url);
const begin = "<!-- begin: npm run generate writes what follows -->\n";
const end = "\n<!-- end -->";

const text = readFileSync(page, "utf8");
const from = text.indexOf(begin) + begin.length;
const to = text.indexOf(end, from);
if (from < begin.length || to < 0) {
  throw new Error("docs/configuration.md has lost the marks of its tables");
}
const tables = `\n${formatConfigTables([time, revertName, edge])}\n`;
const written = text.slice(0, from) + tables + text.slice(to);
if (process.argv.includes("--check")) {
  if (written !== text) {
    process.stderr.write(
      "docs/configuration.md is not up to date: run npm run generate\n",
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(page, written);
}
