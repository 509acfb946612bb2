import { cpus, loadavg } from "node:os";

/** How long calls of one kind took. */
export interface ListTimes {
  readonly name: string;
  /** In milliseconds, in any order. */
  readonly times: readonly number[];
  /** What the 99th percentile has to stay under, in milliseconds. By default, nothing. */
  readonly limitMs?: number;
}

/** When and where calls are measured, in one line. */
export function describeMachine(): string {
  const [core] = cpus();
  return [
    new Date().toISOString().slice(0, 10),
    `Node ${process.version}`,
    `${cpus().length} cores (${core?.model.trim() ?? "unknown"})`,
    `load average ${loadavg()[0]?.toFixed(2)} at the start`,
  ].join(", ");
}

/** A table in Markdown: the median, the 99th percentile and the longest of each. */
export function renderListTimes(rows: readonly ListTimes[]): string {
  return [
    "| milliseconds | median | p99 | max | limit of p99 |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...rows.map(({ name, times, limitMs }) => {
      const [median, p99, max] = [0.5, 0.99, 1].map((q) => quantile(times, q));
      const limit =
        limitMs === undefined
          ? ""
          : `${limitMs}: ${(p99 ?? 0) < limitMs ? "met" : "missed"}`;
      return `| ${name} | ${median} | ${p99} | ${max} | ${limit} |`;
    }),
  ].join("\n");
}

function quantile(times: readonly number[], q: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  const at = Math.min(Math.floor(q * sorted.length), sorted.length - 1);
  return Math.round(sorted[at] ?? Number.NaN);
}
