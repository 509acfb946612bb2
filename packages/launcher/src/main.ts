import { fileURLToPath } from "node:url";
import { renderHelp } from "./help.js";
import { launch } from "./launch.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const args = process.argv.slice(2);

if (args.includes("--help") || args.includes("-h")) {
  process.stdout.write(renderHelp());
} else if (args.length > 0) {
  process.stderr.write(`unknown argument ${args[0]}; see --help\n`);
  process.exitCode = 1;
} else {
  // Not by running out of work: what a child has started elsewhere may still
  // hold its output open.
  process.exit(await launch({ root }));
}
