import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine, renderMachine, writeSection } from "@both-ends/bench";
import { chooseRuns } from "./choose-runs.js";
import { executeRun } from "./execute-run.js";
import { runs } from "./runs.js";
import { summarizeRuns } from "./summarize-runs.js";

const help = `Usage: npm run verify -- [NAME...] [options]

Runs what is too long for the tests, one after the other, and sums it up.
Without a name, all:

${runs.map(({ name, title }) => `  ${name.padEnd(14)} ${title}`).join("\n")}

NAME:PART runs one part alone:

${runs
  .filter(({ parts }) => parts !== undefined)
  .map(({ name, parts }) => `  ${name.padEnd(14)} ${parts?.join(" ")}`)
  .join("\n")}

  --seed N   what random choices begin with (random)
  --scale N  a part of the load, such as 0.01 (1)
  --write    also put the results into docs/reliability.md
  --help     print this

Exits with 1 if one of them fails.
`;

const document = fileURLToPath(
  new URL("../../docs/reliability.md", import.meta.url),
);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: String(Date.now() % 2 ** 32) },
    scale: { type: "string", default: "1" },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  process.stdout.write(help);
} else {
  process.exitCode = (await verify()) ? 0 : 1;
}

async function verify(): Promise<boolean> {
  const chosen = chooseRuns(runs, positionals);
  if (values.write && chosen.some(({ parts }) => parts.length > 0)) {
    throw new RangeError("--write does not go with a part of a run");
  }
  const seed = parseNumber("seed", values.seed);
  const scale = parseNumber("scale", values.scale);
  let passed = true;
  for (const { run, parts } of chosen) {
    process.stderr.write(`${run.name}\n`);
    const start = performance.now();
    const machine = renderMachine(describeMachine());
    const section = await executeRun(run, { seed, scale, parts });
    const seconds = Math.round((performance.now() - start) / 1_000);
    const text = `## ${run.title}

\`npm run verify -- ${[run.name, ...parts].join(":")}\`, ${seconds} s, seed ${seed}, scale ${scale}; ${machine}.

${section.text.trim()}`;
    process.stdout.write(`${text}\n\n`);
    passed = passed && section.passed;
    if (values.write) {
      await writeSection(document, run.name, text, "Reliability");
    }
  }
  if (values.write) {
    const summary = summarizeRuns(runs, await readFile(document, "utf8"));
    await writeSection(document, "summary", summary, "Reliability");
  }
  return passed;
}

function parseNumber(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) {
    throw new RangeError(`--${name} must be a number above 0, got ${text}`);
  }
  return value;
}
