import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { type KnownFailure, parseKnownFailing } from "./known-failing.js";
import { formatReport, formatSummary } from "./report.js";
import {
  type Outcome,
  runnerInstall,
  runnerVersion,
  runSuite,
} from "./run-suite.js";
import { pathOf, type Suite, suites } from "./suite.js";

const help = `usage: npm run conformance -- [--only server|client|metrics|lane-off] [--write]
  [--parallel N] [--limit-minutes N]

Runs the official Connect conformance suite on our server and our clients, and
compares with connect-node as it comes. Needs connectconformance on PATH:
  ${runnerInstall}

--only           one part of it
--write          writes docs/conformance.md; not together with --only
--parallel       calls at a time (default: 4)
--limit-minutes  cuts everything after this time (default: 15)

Exit codes: 0 all as it should be, 1 not so, 2 wrong usage.
`;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

async function main(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === "string") {
    process.stderr.write(`${options}\n\n${help}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const signal = AbortSignal.any([
    interrupted.signal,
    AbortSignal.timeout(options.limitMinutes * 60_000),
  ]);
  const outcomes: Outcome[] = [];
  for (const suite of options.suites) {
    const outcome = await runSuite(suite, {
      signal,
      parallel: options.parallel,
    });
    outcomes.push(outcome);
    process.stdout.write(formatOutcome(outcome));
    if (outcome.cut) {
      break;
    }
  }
  process.stdout.write(`\n${formatSummary(outcomes)}\n`);
  const ok = outcomes.every((outcome) => outcome.ok);
  if (ok && options.write) {
    await writeReport(outcomes);
  }
  return ok ? 0 : 1;
}

interface Options {
  suites: Suite[];
  help: boolean;
  write: boolean;
  parallel: number;
  limitMinutes: number;
}

/** The options, or what is wrong with them. */
function readOptions(args: string[]): Options | string {
  try {
    const { values } = parseArgs({
      args,
      options: {
        help: { type: "boolean", short: "h", default: false },
        only: { type: "string" },
        write: { type: "boolean", default: false },
        parallel: { type: "string", default: "4" },
        "limit-minutes": { type: "string", default: "15" },
      },
    });
    const { only, help, write } = values;
    const chosen = suites.filter(
      ({ group }) => only === undefined || group === only,
    );
    if (chosen.length === 0) {
      return `--only must be server, client, metrics or lane-off, got ${only}`;
    }
    if (write && only !== undefined) {
      return "--write needs all runs: leave --only out";
    }
    return {
      suites: chosen,
      help,
      write,
      parallel: Math.ceil(positive("parallel", values.parallel)),
      limitMinutes: positive("limit-minutes", values["limit-minutes"]),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function positive(name: string, value: string): number {
  const number = Number(value);
  if (!(number > 0)) {
    throw new RangeError(`--${name} must be more than 0, got ${value}`);
  }
  return number;
}

function formatOutcome(outcome: Outcome): string {
  const { suite, cases, passed, failed, pending, totals } = outcome;
  const lines = [
    `${outcome.ok ? "ok" : "NOT OK"} ${suite.name}: ${passed} of ${cases} cases passed, ${outcome.knownFailures.length} known to fail, in ${Math.round(outcome.elapsedMs / 1_000)} s`,
    ...failed.map(({ name, reason }) => `  ${name}: ${reason}`),
  ];
  if (outcome.notRun > 0) {
    lines.push(`  ${outcome.notRun} cases did not run`);
  }
  if (outcome.cut) {
    lines.push("  cut, these cases had begun and not ended:");
    lines.push(...pending.map((name) => `    ${name}`));
  }
  if (!outcome.ok && totals !== undefined) {
    lines.push(`  calls by method: ${JSON.stringify(totals)}`);
  }
  if (!outcome.ok && outcome.stderr !== "") {
    lines.push(`  standard error: ${outcome.stderr.trim()}`);
  }
  return `${lines.join("\n")}\n`;
}

async function writeReport(outcomes: Outcome[]): Promise<void> {
  const lists = new Map<string, KnownFailure[]>();
  for (const { knownFailing, knownFlaky } of suites) {
    for (const file of [knownFailing, knownFlaky]) {
      if (file !== undefined) {
        const text = await readFile(pathOf(file), "utf8");
        lists.set(file, parseKnownFailing(text));
      }
    }
  }
  const report = formatReport(outcomes, lists, {
    runner: runnerVersion,
    node: process.versions.node.split(".")[0] ?? "",
    connect: await connectVersion(),
  });
  await writeFile(pathOf("../docs/conformance.md"), report);
}

/** The version of connect-es; its `exports` hide the package.json. */
async function connectVersion(): Promise<string> {
  const require = createRequire(import.meta.url);
  const entry = require.resolve("@connectrpc/connect");
  const root = entry.slice(0, entry.lastIndexOf("/dist/"));
  const { version } = JSON.parse(
    await readFile(`${root}/package.json`, "utf8"),
  );
  return String(version);
}
