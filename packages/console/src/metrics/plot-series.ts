import type { MetricsSnapshot } from "@both-ends/gen/admin/v1/live_metrics_service_pb.js";
import {
  type MethodMeasure,
  type SideMeasure,
  sumMethods,
  worseFailures,
} from "./sum-methods.js";
import { timeOf } from "./time-of.js";

/** One line of a plot. */
export interface Series {
  readonly label: string;
  /** One value for each moment; `null` leaves a gap. */
  readonly values: readonly (number | null)[];
}

/** What a plot shows. */
export interface PlotData {
  /** In seconds since 1970. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
}

/** The plots of the calls of some methods. */
export interface CallPlots {
  readonly rate: PlotData;
  readonly failures: PlotData;
  readonly latency: PlotData;
  readonly inFlight: PlotData;
}

/** The snapshots, with the sides of each method put together once. */
export interface SummedSnapshot {
  readonly time: number;
  readonly methods: readonly MethodMeasure[];
}

const summed = new WeakMap<MetricsSnapshot, SummedSnapshot>();

/** Sums a snapshot up, once. */
export function summedSnapshot(snapshot: MetricsSnapshot): SummedSnapshot {
  let sum = summed.get(snapshot);
  if (sum === undefined) {
    sum = { time: timeOf(snapshot), methods: sumMethods(snapshot) };
    summed.set(snapshot, sum);
  }
  return sum;
}

/** Makes the plots of the methods that are let through. */
export function plotCalls(
  snapshots: readonly SummedSnapshot[],
  lets: (method: MethodMeasure) => boolean = () => true,
): CallPlots {
  const times = snapshots.map(({ time }) => time);
  const chosen = snapshots.map(({ methods }) => methods.filter(lets));
  const bothEnds = (
    read: (sides: readonly SideMeasure[]) => number | null,
    accepts: (method: MethodMeasure) => boolean = () => true,
  ): PlotData => ({
    times,
    series: (["server", "client"] as const).map((side) => ({
      label: side === "server" ? "Server side" : "Client side",
      values: chosen.map((methods) => {
        const sides = methods
          .filter(accepts)
          .map((method) => method[side])
          .filter((measure) => measure !== undefined);
        return sides.length === 0 ? null : read(sides);
      }),
    })),
  });
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  return {
    rate: bothEnds((sides) => sum(sides.map(({ rate }) => rate))),
    inFlight: bothEnds((sides) => sum(sides.map(({ inFlight }) => inFlight))),
    latency: bothEnds(
      (sides) => {
        const known = sides
          .map(({ p95 }) => p95)
          .filter((p) => p !== undefined);
        return known.length === 0 ? null : Math.max(...known);
      },
      // A stream takes as long as people look at it.
      ({ type }) => type === "unary",
    ),
    failures: plotFailures(times, chosen),
  };
}

/** More lines than these cannot be told apart. */
const maxCodes = 6;

/** By code, as whoever is nearer to the caller counted them. */
function plotFailures(
  times: readonly number[],
  chosen: readonly (readonly MethodMeasure[])[],
): PlotData {
  const rates = chosen.map((methods) => {
    const byCode = new Map<string, number>();
    for (const [code, rate] of methods.flatMap(worseFailures)) {
      byCode.set(code, (byCode.get(code) ?? 0) + rate);
    }
    return byCode;
  });
  const sums = new Map<string, number>();
  for (const [code, rate] of rates.flatMap((of) => [...of])) {
    sums.set(code, (sums.get(code) ?? 0) + rate);
  }
  const most = [...sums].sort(([, a], [, b]) => b - a).map(([code]) => code);
  const others = most.splice(most.length > maxCodes ? maxCodes - 1 : maxCodes);
  const series = [...sums.keys()]
    .filter((code) => most.includes(code))
    .map((code) => ({
      label: code,
      values: rates.map((of) => of.get(code) ?? 0),
    }));
  if (others.length > 0) {
    series.push({
      label: `${others.length} others`,
      values: rates.map((of) =>
        others.reduce((sum, code) => sum + (of.get(code) ?? 0), 0),
      ),
    });
  }
  return { times, series };
}
