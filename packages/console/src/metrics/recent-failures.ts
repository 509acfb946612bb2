import {
  CallSide,
  type MetricsSnapshot,
} from "@both-ends/gen/admin/v1/live_metrics_service_pb.js";
import { isFailure } from "./sum-methods.js";
import { timeOf } from "./time-of.js";

/** The failures of one method in one code. */
export interface RecentFailure {
  readonly method: string;
  readonly code: string;
  readonly calls: number;
  /** When the last was seen, in seconds since 1970. */
  readonly lastSeen: number;
}

/** What one process had counted of one method in one code. */
interface FailureCount {
  /** The process, as long as it lives, and what it counted. */
  readonly key: string;
  readonly side: CallSide;
  readonly method: string;
  readonly code: string;
  readonly total: number;
}

/** A process as long as it lives: another one under its name counts from zero. */
interface Instance {
  readonly key: string;
  readonly startedAt: number;
  readonly counts: readonly FailureCount[];
}

/**
 * Counts what failed from the first snapshot to the last, the newest first, as
 * the side saw it that saw more failures of the method: a caller also sees those
 * that never arrived.
 */
export function recentFailures(
  snapshots: readonly MetricsSnapshot[],
): RecentFailure[] {
  const [first] = snapshots;
  const begin = first === undefined ? 0 : timeOf(first);
  const known = new Set<string>();
  const totals = new Map<string, number>();
  const found = new Map<string, SidesFailures>();
  for (const snapshot of snapshots) {
    for (const { key, startedAt, counts } of instancesOf(snapshot)) {
      // Of what it counted before it was first seen, nothing is known.
      const isNew = known.has(key) || startedAt > begin;
      known.add(key);
      for (const count of counts) {
        const before = totals.get(count.key) ?? (isNew ? 0 : count.total);
        totals.set(count.key, count.total);
        if (count.total > before) {
          add(found, count, count.total - before, timeOf(snapshot));
        }
      }
    }
  }
  return [...found.values()]
    .flatMap(worseSide)
    .sort((a, b) => b.lastSeen - a.lastSeen || b.calls - a.calls);
}

/** Failures of one method by side, then by code. */
type SidesFailures = Map<CallSide, Map<string, RecentFailure>>;

function add(
  found: Map<string, SidesFailures>,
  { side, method, code }: FailureCount,
  calls: number,
  lastSeen: number,
): void {
  const sides: SidesFailures = found.get(method) ?? new Map();
  const codes = sides.get(side) ?? new Map<string, RecentFailure>();
  const before = codes.get(code)?.calls ?? 0;
  codes.set(code, { method, code, calls: before + calls, lastSeen });
  sides.set(side, codes);
  found.set(method, sides);
}

function worseSide(sides: SidesFailures): readonly RecentFailure[] {
  const server = [...(sides.get(CallSide.SERVER)?.values() ?? [])];
  const client = [...(sides.get(CallSide.CLIENT)?.values() ?? [])];
  return sum(client) > sum(server) ? client : server;
}

function sum(failures: readonly RecentFailure[]): number {
  return failures.reduce((total, { calls }) => total + calls, 0);
}

const instances = new WeakMap<MetricsSnapshot, readonly Instance[]>();

/** Takes the failures out of a snapshot, once. */
function instancesOf(snapshot: MetricsSnapshot): readonly Instance[] {
  let taken = instances.get(snapshot);
  if (taken === undefined) {
    taken = snapshot.processes
      .filter(({ up }) => up)
      .map(({ service, role, startedAt, methods }) => {
        const started = Number(startedAt?.seconds ?? 0);
        const key = `${service} ${role} ${started}`;
        return {
          key,
          startedAt: started,
          counts: methods.flatMap(({ codes, ...method }) =>
            codes
              .filter(({ code }) => isFailure(method.type, code))
              .map(({ code, total }) => {
                const name = `${method.service}/${method.method}`;
                return {
                  key: `${key} ${method.side} ${name} ${code}`,
                  side: method.side,
                  method: name,
                  code,
                  total,
                };
              }),
          ),
        };
      });
    instances.set(snapshot, taken);
  }
  return taken;
}
