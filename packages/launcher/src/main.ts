import { fileURLToPath } from "node:url";
import { renderHelp } from "./help.js";
import { launch } from "./launch.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const args = process.argv.slice(2);
const unknown = args.find(
  (arg) => !["--help", "-h", "--observe"].includes(arg),
);

if (args.includes("--help") || args.includes("-h")) {
  process.stdout.write(renderHelp());
} else if (unknown !== undefined) {
  process.stderr.write(`unknown argument ${unknown}; see --help\n`);
  process.exitCode = 1;
} else {
  // Not by running out of work: what a child has started elsewhere may still
  // hold its output open.
  process.exit(await launch({ root, observe: args.includes("--observe") }));
}
