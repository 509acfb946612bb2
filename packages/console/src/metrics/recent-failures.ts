import type { SummedSnapshot } from "./plot-series.js";
import { worseFailures } from "./sum-methods.js";

/** The failures of one method in one code. */
export interface RecentFailure {
  readonly method: string;
  readonly code: string;
  /** About how many: rates are of spans of time that overlap. */
  readonly calls: number;
  /** When the last was seen, in seconds since 1970. */
  readonly lastSeen: number;
}

/** Sums up what failed in the snapshots, the newest first. */
export function recentFailures(
  snapshots: readonly SummedSnapshot[],
): RecentFailure[] {
  const found = new Map<string, RecentFailure>();
  let before = snapshots[0]?.time ?? 0;
  for (const { time, methods } of snapshots) {
    // A gap, such as a laptop's sleep, is not filled with what came after it.
    const seconds = Math.min(time - before, 4);
    before = time;
    for (const method of methods) {
      for (const [code, rate] of worseFailures(method)) {
        if (rate === 0) {
          continue;
        }
        const { name } = method;
        const key = `${name} ${code}`;
        const calls = (found.get(key)?.calls ?? 0) + rate * seconds;
        found.set(key, { method: name, code, calls, lastSeen: time });
      }
    }
  }
  return [...found.values()].sort((a, b) => b.lastSeen - a.lastSeen);
}
