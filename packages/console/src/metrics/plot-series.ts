import type { MetricsSnapshot } from "@both-ends/gen/admin/v1/live_metrics_service_pb.js";
import {
  type MethodMeasure,
  type SideMeasure,
  sumMethods,
  worseFailures,
} from "./sum-methods.js";
import { timeOf } from "./use-metrics.js";

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
  const codes = [...new Set(rates.flatMap((of) => [...of.keys()]))];
  return {
    times,
    series: codes.slice(0, 6).map((label) => ({
      label,
      values: rates.map((of) => of.get(label) ?? 0),
    })),
  };
}
