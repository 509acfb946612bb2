import type {
  CodeSummary,
  Counts,
  MethodSummary,
  Series,
  Timing,
} from "./result.js";
import type { RouteLabels } from "./routes.js";
import type { Tally, TallyRow } from "./tally.js";
import { mergeTimes } from "./times.js";

/** How long a run was, and in a closed loop how many callers it had. */
export interface Pace {
  elapsedMs: number;
  concurrency: number | undefined;
}

/** Makes a series of each row of a tally. */
export function summarizeSeries(tally: Tally, pace: Pace): Series[] {
  return tally
    .rows()
    .map((row) => ({
      ...row.route.labels,
      code: row.code,
      ...summarizeRows([row], pace),
    }))
    .sort((a, b) => compareTexts(keyOf(a) + a.code, keyOf(b) + b.code));
}

/** Sums a tally up by method, and by the codes of each. REST is by itself. */
export function summarizeMethods(tally: Tally, pace: Pace): MethodSummary[] {
  const byMethod = new Map<string, { labels: RouteLabels; rows: TallyRow[] }>();
  const dropped = new Map<string, number>();
  const groupOf = (labels: RouteLabels) => {
    const key = methodKey(labels);
    const group = byMethod.get(key) ?? { labels, rows: [] };
    byMethod.set(key, group);
    return group;
  };
  for (const row of tally.rows()) {
    groupOf(row.route.labels).rows.push(row);
  }
  for (const [{ labels }, count] of tally.dropped()) {
    const key = methodKey(labels);
    // A method of which every call was dropped has no rows.
    groupOf(labels);
    dropped.set(key, (dropped.get(key) ?? 0) + count);
  }
  return [...byMethod.entries()]
    .sort(([a], [b]) => compareTexts(a, b))
    .map(([key, { labels, rows }]) => ({
      target: labels.target,
      grpc_service: labels.grpc_service,
      grpc_method: labels.grpc_method,
      grpc_type: labels.grpc_type,
      ...summarizeRows(rows, pace),
      dropped: dropped.get(key) ?? 0,
      codes: summarizeCodes(rows, pace),
    }));
}

function summarizeCodes(rows: readonly TallyRow[], pace: Pace): CodeSummary[] {
  return [...new Set(rows.map(({ code }) => code))]
    .map((code) => ({
      code,
      ...summarizeRows(
        rows.filter((row) => row.code === code),
        pace,
      ),
    }))
    .sort((a, b) => b.count - a.count || compareTexts(a.code, b.code));
}

function summarizeRows(
  rows: readonly TallyRow[],
  { elapsedMs, concurrency }: Pace,
): Counts & Timing & { callsPerSecond: number } {
  const sum = (key: keyof Counts) =>
    rows.reduce((total, row) => total + row[key], 0);
  const count = sum("count");
  const serviceTimes = rows.map((row) => row.serviceTimes);
  return {
    count,
    unexpected: sum("unexpected"),
    sent: sum("sent"),
    received: sum("received"),
    callsPerSecond: perSecond(count, elapsedMs),
    latencyMs: (concurrency === undefined
      ? mergeTimes(rows.flatMap(({ latencies }) => latencies ?? []))
      : mergeTimes(serviceTimes, (elapsedMs * concurrency) / count)
    ).percentiles(),
    serviceTimeMs: mergeTimes(serviceTimes).percentiles(),
  };
}

/** Calls per second. */
export function perSecond(count: number, elapsedMs: number): number {
  return elapsedMs === 0 ? 0 : (count / elapsedMs) * 1000;
}

const methodKey = ({ target, grpc_service, grpc_method }: RouteLabels) =>
  [target, grpc_service, grpc_method].join(" ");
const keyOf = (labels: RouteLabels) =>
  [methodKey(labels), labels.protocol, ""].join(" ");

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
