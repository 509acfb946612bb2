/** What is told of repeated measurements. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The median; the mean of the two in the middle of an even number of values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) {
    throw new RangeError("no values to take the median of");
  }
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = Number(sorted[Math.ceil(middle) - 1]);
  const high = Number(sorted[Math.floor(middle)]);
  return (low + high) / 2;
}

/** Median, minimum and maximum. Throws a RangeError if there are no values. */
export function summarize(values: readonly number[]): Summary {
  return {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
  };
}

/** A straight line through points, by least squares. */
export interface Line {
  readonly slope: number;
  /** The standard error of the slope: how far chance alone may move it. */
  readonly standardError: number;
}

/**
 * Fits a line through points. Throws a RangeError for fewer than three points,
 * and if all have the same x.
 */
export function fitLine(
  points: readonly { readonly x: number; readonly y: number }[],
): Line {
  const count = points.length;
  if (count < 3) {
    throw new RangeError(
      `${count} points are too few for a line, 3 are needed`,
    );
  }
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / count;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / count;
  let xx = 0;
  let xy = 0;
  for (const { x, y } of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
  }
  if (xx === 0) {
    throw new RangeError("all points have the same x");
  }
  const slope = xy / xx;
  const residue = points.reduce(
    (sum, { x, y }) => sum + (y - meanY - slope * (x - meanX)) ** 2,
    0,
  );
  return { slope, standardError: Math.sqrt(residue / (count - 2) / xx) };
}
