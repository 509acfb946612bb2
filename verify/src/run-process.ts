import { writeSync } from "node:fs";
import { chooseRuns } from "./choose-runs.js";
import type { RunOptions } from "./long-run.js";
import { runs } from "./runs.js";

const [name = "", text = ""] = process.argv.slice(2);
// Written by the parent from the same type.
const options = JSON.parse(text) as RunOptions;
for (const { run } of chooseRuns(runs, [name])) {
  const section = await run.run(options);
  // Not by process.stdout, which may still hold text at exit.
  writeSync(1, section.text);
  // A connection that something forgot must not keep the process.
  process.exit(section.passed ? 0 : 1);
}
