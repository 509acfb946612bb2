import {
  CallSide,
  type MethodSnapshot,
  type MetricsSnapshot,
} from "@both-ends/gen/admin/v1/live_metrics_service_pb.js";

/** What one side measured of one method, over all processes. */
export interface SideMeasure {
  readonly rate: number;
  readonly inFlight: number;
  readonly total: number;
  readonly failedTotal: number;
  /** Calls per second by status code. */
  readonly codes: ReadonlyMap<string, number>;
  /** The slowest process's, in seconds. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
}

/** One method as both ends see it. */
export interface MethodMeasure {
  /** Service and method, divided by a slash. */
  readonly name: string;
  readonly type: string;
  readonly server: SideMeasure | undefined;
  readonly client: SideMeasure | undefined;
}

/** Puts the two sides of each method together, over the processes of a snapshot. */
export function sumMethods(snapshot: MetricsSnapshot): MethodMeasure[] {
  const byName = new Map<string, MethodSnapshot[]>();
  for (const method of snapshot.processes.flatMap((p) => p.methods)) {
    const name = `${method.service}/${method.method}`;
    byName.set(name, [...(byName.get(name) ?? []), method]);
  }
  return [...byName]
    .map(([name, methods]) => ({
      name,
      type: methods[0]?.type ?? "",
      server: sumSide(methods, CallSide.SERVER),
      client: sumSide(methods, CallSide.CLIENT),
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

function sumSide(
  methods: readonly MethodSnapshot[],
  side: CallSide,
): SideMeasure | undefined {
  const own = methods.filter((method) => method.side === side);
  if (own.length === 0) {
    return undefined;
  }
  const codes = new Map<string, number>();
  for (const { code, rate } of own.flatMap((method) => method.codes)) {
    codes.set(code, (codes.get(code) ?? 0) + rate);
  }
  const sum = (read: (method: MethodSnapshot) => number) =>
    own.reduce((total, method) => total + read(method), 0);
  // Percentiles of several processes cannot be added up: the slowest is shown.
  const slowest = (read: "p50Seconds" | "p95Seconds" | "p99Seconds") =>
    own.reduce<number | undefined>((worst, { latency }) => {
      const own = latency?.[read];
      return own === undefined ? worst : Math.max(worst ?? 0, own);
    }, undefined);
  return {
    rate: sum((method) => method.rate),
    inFlight: sum((method) => method.inFlight),
    total: sum((method) => method.total),
    failedTotal: sum((method) => method.failedTotal),
    codes,
    p50: slowest("p50Seconds"),
    p95: slowest("p95Seconds"),
    p99: slowest("p99Seconds"),
  };
}

/**
 * Whether a call that ended in this code has failed. Not a stream that was
 * canceled: that is how whoever watches leaves.
 */
export function isFailure(type: string, code: string): boolean {
  return code !== "OK" && (type === "unary" || !/^cancell?ed$/i.test(code));
}

/** Calls per second by the code in which they fail now. */
export function failuresOf(
  { type }: Pick<MethodMeasure, "type">,
  side: SideMeasure | undefined,
): [code: string, rate: number][] {
  return [...(side?.codes ?? [])].filter(
    ([code, rate]) => rate > 0 && isFailure(type, code),
  );
}

/**
 * The same of the side that saw more failures: a caller also sees those that
 * never arrived.
 */
export function worseFailures(
  method: MethodMeasure,
): [code: string, rate: number][] {
  const server = failuresOf(method, method.server);
  const client = failuresOf(method, method.client);
  return sum(client) > sum(server) ? client : server;
}

function sum(failures: readonly [code: string, rate: number][]): number {
  return failures.reduce((total, [, rate]) => total + rate, 0);
}
