import { build, type Histogram } from "hdr-histogram-js";
import type { Percentiles } from "./result.js";

/** Longer times are taken for this: an hour and a bit. */
const longestMicros = 2 ** 32;

/** Times of calls, in a bounded place: a histogram of high dynamic range. */
export interface Times {
  record(timeMs: number): void;
  percentiles(): Percentiles;
}

/** What {@link createTimes} returns; others can be merged out of it. */
interface MergeableTimes extends Times {
  readonly histogram: Histogram;
}

/** Creates an empty distribution of times, to the microsecond. */
export function createTimes(): MergeableTimes {
  const histogram = build({
    autoResize: true,
    bitBucketSize: 32,
    numberOfSignificantValueDigits: 3,
    highestTrackableValue: 2 ** 20,
  });
  return {
    histogram,
    record(timeMs) {
      const micros = Math.round(timeMs * 1000);
      histogram.recordValue(Math.min(Math.max(micros, 0), longestMicros));
    },
    percentiles: () => percentilesOf(histogram),
  };
}

/**
 * Adds distributions up. With an interval at which a caller means to call, for
 * each time longer than that the times of the calls which it kept from being
 * made are added: the correction for coordinated omission of HdrHistogram.
 */
export function mergeTimes(
  all: readonly MergeableTimes[],
  expectedIntervalMs = 0,
): Times {
  const merged = createTimes();
  for (const { histogram } of all) {
    merged.histogram.add(histogram);
  }
  if (expectedIntervalMs === 0) {
    return merged;
  }
  const corrected = createTimes();
  corrected.histogram.addWhileCorrectingForCoordinatedOmission(
    merged.histogram,
    Math.max(1, Math.round(expectedIntervalMs * 1000)),
  );
  return corrected;
}

function percentilesOf(histogram: Histogram): Percentiles {
  const at = (percentile: number) =>
    histogram.getValueAtPercentile(percentile) / 1000;
  return {
    p50: at(50),
    p90: at(90),
    p95: at(95),
    p99: at(99),
    p999: at(99.9),
    max: histogram.maxValue / 1000,
    mean: histogram.totalCount === 0 ? 0 : histogram.mean / 1000,
  };
}
