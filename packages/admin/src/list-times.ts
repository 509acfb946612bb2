import { readFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";

/** How long calls of one kind took. */
export interface ListTimes {
  readonly name: string;
  /** In milliseconds, in any order. */
  readonly times: readonly number[];
  /**
   * What one took of the processor, in milliseconds: here, in the database, and
   * for beats that came meanwhile. By default, not known.
   */
  readonly cpuMs?: number | undefined;
  /** What the 99th percentile has to stay under, in milliseconds. By default, nothing. */
  readonly limitMs?: number;
}

/**
 * The processor time that this process and another have taken so far, in
 * milliseconds. Undefined where there is no Linux.
 */
export async function readCpuMs(pid = 0): Promise<number | undefined> {
  const { user, system } = process.cpuUsage();
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // See proc(5): utime and stime, in hundredths of a second.
    const [utime, stime] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 13);
    return (user + system) / 1_000 + (Number(utime) + Number(stime)) * 10;
  } catch {
    return undefined;
  }
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
    "| milliseconds | median | p99 | max | limit of p99 | of the processor, mean |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...rows.map(({ name, times, limitMs, cpuMs }) => {
      const [median, p99, max] = [0.5, 0.99, 1].map((q) => quantile(times, q));
      const limit =
        limitMs === undefined
          ? ""
          : `${limitMs}: ${(p99 ?? 0) < limitMs ? "met" : "missed"}`;
      return `| ${name} | ${median} | ${p99} | ${max} | ${limit} | ${cpuMs?.toFixed(0) ?? ""} |`;
    }),
  ].join("\n");
}

function quantile(times: readonly number[], q: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  const at = Math.min(Math.floor(q * sorted.length), sorted.length - 1);
  return Math.round(sorted[at] ?? Number.NaN);
}
