import type {
  CodeSummary,
  MethodSummary,
  Mismatch,
  TortureResult,
} from "./result.js";
import { protocolNames } from "./routes.js";

const heading = [
  "method",
  "code",
  "count",
  "calls/s",
  "p50 ms",
  "p90 ms",
  "p99 ms",
  "p99.9 ms",
  "unexpected",
];

/**
 * Formats what a run has done for people to read: a line for each method and
 * for each of its codes, then the sums, then what nobody asked for.
 */
export function formatResult(result: TortureResult): string {
  const rows = result.methods.flatMap((method) => [
    formatRow(method.grpc_method, "all", method),
    // A method that always ends alike needs no second line for it.
    ...(method.codes.length > 1
      ? method.codes.map((code) => formatRow("", code.code, code))
      : []),
  ]);
  return [
    alignColumns([heading, ...rows]),
    "",
    ...formatSums(result),
    ...formatMismatches(result.mismatches),
    "",
  ].join("\n");
}

function formatRow(
  method: string,
  code: string,
  summary: MethodSummary | CodeSummary,
): string[] {
  const { count, callsPerSecond, latencyMs, unexpected } = summary;
  return [
    method,
    "codes" in summary && summary.codes[0] && summary.codes.length === 1
      ? summary.codes[0].code
      : code,
    formatCount(count),
    callsPerSecond.toFixed(1),
    ...[latencyMs.p50, latencyMs.p90, latencyMs.p99, latencyMs.p999].map(
      formatMs,
    ),
    unexpected === 0 ? "-" : formatCount(unexpected),
  ];
}

function formatSums(result: TortureResult): string[] {
  const { elapsedMs, callsPerSecond, dropped, unfinished } = result;
  const pace =
    result.loop === "open"
      ? `open loop, ${result.rate}/s: times are from when a call should have begun`
      : `closed loop, ${result.concurrency} callers: times are corrected for the calls that slow ones kept from being made`;
  const byProtocol = protocolNames.flatMap((protocol) => {
    const count = result.series
      .filter((series) => series.protocol === protocol)
      .reduce((sum, series) => sum + series.count, 0);
    return count === 0 ? [] : [`${protocol} ${formatCount(count)}`];
  });
  return [
    `${formatCount(result.calls)} calls in ${(elapsedMs / 1000).toFixed(1)} s, ${callsPerSecond.toFixed(1)}/s (${byProtocol.join(", ") || "none"})${result.interrupted ? ", interrupted" : ""}`,
    `${formatCount(result.unexpected)} unexpected, ${formatCount(dropped)} dropped, ${formatCount(unfinished)} unfinished`,
    pace,
    `seed ${result.seed}`,
  ];
}

/** So many of them tell what is wrong. */
const maxMismatches = 10;

function formatMismatches(mismatches: readonly Mismatch[]): string[] {
  if (mismatches.length === 0) {
    return [];
  }
  const lines = mismatches
    .slice(0, maxMismatches)
    .map(
      ({ grpc_method, protocol, target, code, expected, count, example }) =>
        `  ${formatCount(count)} × ${grpc_method} over ${protocol} on ${target}: ${code} instead of ${expected}: ${example}`,
    );
  const more = mismatches.length - lines.length;
  return [
    "",
    "unexpected:",
    ...lines,
    ...(more > 0 ? [`  and ${more} more kinds`] : []),
  ];
}

function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = heading.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column < 2
            ? cell.padEnd(widths[column] ?? 0)
            : cell.padStart(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Formats a whole number: 12,345. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

function formatMs(ms: number): string {
  return ms < 100 ? ms.toFixed(2) : ms.toFixed(0);
}
