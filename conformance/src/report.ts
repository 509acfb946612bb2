import type { KnownFailure } from "./known-failing.js";
import type { Totals } from "./method-totals.js";
import type { Outcome } from "./run-suite.js";
import type { Configuration } from "./runner-output.js";

/** What the suite ran with. */
export interface ReportVersions {
  runner: string;
  node: string;
  connect: string;
}

/** The table of all runs: cases, passed, known to fail, seconds. */
export function formatSummary(outcomes: readonly Outcome[]): string {
  return formatTable(
    ["run", "cases", "passed", "known to fail", "failed"],
    outcomes.map((outcome) => [
      outcome.suite.name,
      outcome.cases,
      outcome.passed,
      outcome.knownFailures.length,
      outcome.cut ? "cut" : outcome.failed.length + outcome.notRun,
    ]),
  );
}

/** The page of documentation, from the runs and the lists of known failures. */
export function formatReport(
  outcomes: readonly Outcome[],
  knownFailures: ReadonlyMap<string, KnownFailure[]>,
  versions: ReportVersions,
): string {
  return [
    "# Conformance",
    "",
    ...wrap(
      "After this page you know which cases of the official Connect conformance suite pass on our server and our clients, and why the others do not.",
    ),
    "",
    ...wrap(
      `Written by \`npm run conformance -- --write\`, with the suite's runner ${versions.runner} and connect-es ${versions.connect} on Node ${versions.node}. What is tested and how is in [\`conformance/\`](../conformance), with the lists of known failures; a case of theirs that passes is a failure, too.`,
    ),
    "",
    formatSummary(outcomes),
    "",
    ...wrap(
      "All runs: HTTP/1.1 and HTTP/2, Connect, gRPC and gRPC-Web, Protobuf and JSON, identity, gzip and brotli, unary calls, client streams, server streams, bidi streams (half-duplex and full-duplex, over HTTP/2), Connect GET, trailers, deadlines and cancellation. Not there: HTTP/3, other compressions, and half-duplex bidi streams over HTTP/1.1, which connect-es answers with 505.",
    ),
    ...outcomes.flatMap((outcome) => [
      "",
      ...formatOutcome(outcome, knownFailures),
    ]),
    "",
  ].join("\n");
}

function formatOutcome(
  { suite, configurations, totals }: Outcome,
  lists: ReadonlyMap<string, KnownFailure[]>,
): string[] {
  return [
    `## ${capitalize(suite.name)}`,
    "",
    ...wrap(suite.what),
    ...(suite.skip ? ["", `Left out: \`${suite.skip.join("`, `")}\`.`] : []),
    "",
    formatConfigurations(configurations),
    ...(totals ? ["", formatTotals(totals)] : []),
    ...formatKnown("Known to fail", lists.get(suite.knownFailing)),
    ...formatKnown("Known to fail at times", lists.get(suite.knownFlaky ?? "")),
  ];
}

function formatKnown(what: string, known: KnownFailure[] = []): string[] {
  return known.flatMap(({ cause, patterns }) => [
    "",
    ...wrap(`${what}: ${cause}`),
    "",
    ...patterns.map((pattern) => `- \`${pattern}\``),
  ]);
}

function formatConfigurations(
  configurations: readonly Configuration[],
): string {
  return formatTable(
    ["HTTP", "protocol", "TLS", "peer", "cases", "passed"],
    configurations.map(({ http, protocol, tls, peer, cases, passed }) => [
      http,
      protocol,
      tls,
      peer,
      cases,
      passed,
    ]),
  );
}

function formatTotals(totals: Totals): string {
  return formatTable(
    ["method", "started", "handled", "on the lane"],
    Object.entries(totals)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([method, { started, handled, lane }]) => [
        method,
        started,
        handled,
        lane,
      ]),
  );
}

function formatTable(head: string[], rows: (string | number)[][]): string {
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/** Breaks a paragraph into lines as long as those of the other pages. */
function wrap(text: string): string[] {
  return Array.from(text.matchAll(/(\S.{0,119})(?:\s|$)/g), ([, line = ""]) =>
    line.trim(),
  );
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
