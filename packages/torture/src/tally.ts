import type { CodeName } from "./code-name.js";
import type { PlannedCall } from "./plan.js";
import type { Mismatch } from "./result.js";
import type { Route } from "./routes.js";
import { createTimes } from "./times.js";

/** How a call ended. */
export interface Outcome {
  code: CodeName;
  sent: number;
  received: number;
  /** From its begin to its end, in milliseconds. */
  serviceTimeMs: number;
  /** From when it should have begun. By default, the same. */
  latencyMs?: number;
  /** What went wrong, in words; undefined if nothing did. */
  message: string | undefined;
}

/** The calls of one route that ended with one code. */
export interface TallyRow {
  readonly route: Route;
  readonly code: CodeName;
  count: number;
  unexpected: number;
  sent: number;
  received: number;
  readonly serviceTimes: ReturnType<typeof createTimes>;
  /** Only where latencies were given. */
  latencies: ReturnType<typeof createTimes> | undefined;
}

/** Counts calls as they end. Its size depends on the routes and codes alone. */
export interface Tally {
  end(planned: PlannedCall, outcome: Outcome): void;
  /** Counts a call that was due but not begun. */
  drop(planned: PlannedCall): void;
  readonly totals: { calls: number; unexpected: number; dropped: number };
  rows(): TallyRow[];
  /** Counts those that were not begun, of each route that has any. */
  dropped(): ReadonlyMap<Route, number>;
  mismatches(): Mismatch[];
}

/** Creates an empty tally. */
export function createTally(): Tally {
  const rows = new Map<Route, Map<CodeName, TallyRow>>();
  const dropped = new Map<Route, number>();
  const mismatches = new Map<string, Mutable<Mismatch>>();
  const totals = { calls: 0, unexpected: 0, dropped: 0 };

  const rowOf = (route: Route, code: CodeName): TallyRow => {
    const ofRoute = getOrSet(rows, route, () => new Map());
    return getOrSet(ofRoute, code, () => ({
      route,
      code,
      count: 0,
      unexpected: 0,
      sent: 0,
      received: 0,
      serviceTimes: createTimes(),
      latencies: undefined,
    }));
  };
  const noteMismatch = (
    { route, expected }: PlannedCall,
    { code, message = "" }: Outcome,
  ) => {
    const key = [...Object.values(route.labels), expected, code].join(" ");
    const mismatch = getOrSet(mismatches, key, () => ({
      ...route.labels,
      expected,
      code,
      count: 0,
      example: message.slice(0, maxExampleLength),
    }));
    mismatch.count++;
  };

  return {
    totals,
    end(planned, outcome) {
      const { code, latencyMs, message } = outcome;
      const row = rowOf(planned.route, code);
      row.count++;
      row.sent += outcome.sent;
      row.received += outcome.received;
      row.serviceTimes.record(outcome.serviceTimeMs);
      if (latencyMs !== undefined) {
        row.latencies ??= createTimes();
        row.latencies.record(latencyMs);
      }
      totals.calls++;
      // An answer that came with OK may still be the wrong one.
      const wrongAnswer = code === "OK" && message !== undefined;
      if (code !== planned.expected || wrongAnswer) {
        row.unexpected++;
        totals.unexpected++;
        noteMismatch(planned, outcome);
      }
    },
    drop({ route }) {
      dropped.set(route, (dropped.get(route) ?? 0) + 1);
      totals.dropped++;
    },
    rows: () => [...rows.values()].flatMap((ofRoute) => [...ofRoute.values()]),
    dropped: () => dropped,
    mismatches: () =>
      [...mismatches.values()]
        .sort((a, b) => b.count - a.count)
        .slice(0, maxMismatches),
  };
}

const maxMismatches = 100;
const maxExampleLength = 200;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function getOrSet<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}
