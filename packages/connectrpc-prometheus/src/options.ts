import type { Registry, RegistryContentType } from "prom-client";
import type { LabelSpelling } from "./spelling.js";

/** What {@link createServerMetrics} and {@link createClientMetrics} take. */
export interface MetricsOptions {
  /**
   * Where the metrics are registered. The caller owns it: nothing happens on
   * import, and the global registry of prom-client is used only if it is
   * passed here. A registry takes one set of server metrics and one set of
   * client metrics.
   */
  registry: Registry<RegistryContentType>;
  /**
   * Upper bounds of the histogram's buckets in seconds, ascending, without
   * +Inf. By default, {@link defaultBuckets}. `false` leaves the histogram out.
   */
  buckets?: readonly number[] | false;
  /**
   * How `grpc_type` and `grpc_code` are spelled. By default, `"go"`.
   */
  spelling?: LabelSpelling;
}

/**
 * The buckets of client_golang's `DefBuckets` in seconds, which
 * go-grpc-middleware uses. The lowest is 5 ms: services that answer faster
 * want finer ones.
 */
export const defaultBuckets: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/**
 * Returns the bounds of the buckets, none if the histogram is left out. Throws
 * a RangeError for bounds that are not ascending, finite numbers.
 */
export function resolveBuckets(
  buckets: MetricsOptions["buckets"] = defaultBuckets,
): readonly number[] | undefined {
  if (buckets === false) {
    return undefined;
  }
  buckets.forEach((bound, i) => {
    const previous = i === 0 ? Number.NEGATIVE_INFINITY : buckets[i - 1];
    if (!Number.isFinite(bound) || bound <= Number(previous)) {
      throw new RangeError(
        `buckets must be ascending, finite numbers of seconds, got ${buckets.join(", ")}`,
      );
    }
  });
  return [...buckets];
}
