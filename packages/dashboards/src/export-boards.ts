import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createClientBoard, createServerBoard } from "./call-board.js";
import type { LabelSpelling } from "./status-codes.js";

const usage =
  "usage: export-boards.js --out FOLDER [--spelling go|python|connect] [--prefix PREFIX] [--scrape-interval 15s]\n";
const spellings: readonly LabelSpelling[] = ["go", "python", "connect"];

/**
 * Writes the boards of the server and of the client side for metrics with
 * other labels than those of this repository, to be imported into a Grafana.
 */
const { values } = parseArgs({
  options: {
    out: { type: "string" },
    spelling: { type: "string", default: "go" },
    prefix: { type: "string", default: "" },
    "scrape-interval": { type: "string", default: "15s" },
  },
});
const spelling = spellings.find((one) => one === values.spelling);

if (values.out === undefined || spelling === undefined) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  const options = {
    spelling,
    prefix: values.prefix,
    scrapeInterval: values["scrape-interval"],
  };
  await mkdir(values.out, { recursive: true });
  for (const board of [
    createServerBoard(options),
    createClientBoard(options),
  ]) {
    const file = join(values.out, `${board.uid}.json`);
    await writeFile(file, `${JSON.stringify(board, null, 2)}\n`);
    process.stdout.write(`${file}\n`);
  }
}
