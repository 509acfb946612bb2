/**
 * Estimates a quantile from a histogram, linearly within its buckets, as
 * Prometheus' `histogram_quantile` does; undefined without values.
 *
 * @param buckets How many values are no greater than a bound, by bound.
 */
export function quantile(
  q: number,
  buckets: ReadonlyMap<number, number>,
): number | undefined {
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const total = sorted.at(-1)?.[1] ?? 0;
  if (total <= 0) {
    return undefined;
  }
  const rank = q * total;
  let lowerBound = 0;
  let below = 0;
  for (const [bound, count] of sorted) {
    if (count >= rank) {
      if (bound === Number.POSITIVE_INFINITY) {
        return lowerBound;
      }
      const within = count - below;
      const share = within <= 0 ? 1 : (rank - below) / within;
      return lowerBound + (bound - lowerBound) * share;
    }
    lowerBound = bound === Number.POSITIVE_INFINITY ? lowerBound : bound;
    below = count;
  }
  return lowerBound;
}
