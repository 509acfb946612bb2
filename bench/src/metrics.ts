import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { handlerVariants } from "./handler-costs.js";
import {
  bareVariant,
  naiveVariants,
  ourVariants,
} from "./interceptor-costs.js";
import { describeMachine } from "./machine.js";
import { writeSection } from "./marked-section.js";
import { type MetricsReport, renderMetricsReport } from "./metrics-report.js";
import { niceGrpcVariants } from "./nice-grpc-calls.js";
import { measureRounds } from "./rounds.js";
import { measureScrapes } from "./scrape-costs.js";
import { wholeCallVariants } from "./whole-call-costs.js";

const help = `Usage: npm run bench:metrics -- [options]

Measures what a call and a scrape cost with connectrpc-prometheus, with
prom-client's own classes and with nice-grpc-prometheus. Takes about a minute.

  --rounds N  rounds to take the median of (15)
  --json      print the figures as JSON instead of Markdown
  --write     also put the Markdown into docs/benchmarks.md
  --help      print this
`;

const document = fileURLToPath(
  new URL("../../docs/benchmarks.md", import.meta.url),
);

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  process.stdout.write(help);
} else {
  const report = await measure(parseRounds(values.rounds));
  const markdown = renderMetricsReport(report);
  process.stdout.write(
    values.json ? `${JSON.stringify(report, undefined, 2)}\n` : markdown,
  );
  if (values.write) {
    await writeSection(document, "bench:metrics", markdown, "Benchmarks");
  }
}

async function measure(rounds: number): Promise<MetricsReport> {
  const machine = describeMachine();
  const bare = bareVariant(20_000);
  const variants = [
    bare,
    ...ourVariants(20_000, bare),
    ...handlerVariants(20_000),
    ...naiveVariants(10_000, bare),
    ...niceGrpcVariants(10_000),
  ];
  return {
    machine,
    rounds,
    costs: await measureRounds(variants, told("interceptors", rounds)),
    wholeCalls: await measureRounds(
      wholeCallVariants(4_000),
      told("whole calls", rounds),
    ),
    scrapes: await measureScrapes(told("scrapes", rounds)),
  };
}

/** Tells whoever looks at a terminal how far it is. */
function told(what: string, rounds: number) {
  return {
    rounds,
    progress(round: number) {
      if (process.stderr.isTTY) {
        const end = round === rounds ? "\n" : "";
        process.stderr.write(`\r${what}: round ${round} of ${rounds}${end}`);
      }
    },
  };
}

function parseRounds(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new RangeError(`--rounds must be a whole number from 1, got ${text}`);
  }
  return rounds;
}
