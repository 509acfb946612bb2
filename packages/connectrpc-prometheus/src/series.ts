import type { DescMethod } from "@bufbuild/protobuf";
import { type LabelSpelling, spellType, statusCodes } from "./spelling.js";

/**
 * The numbers of one method. Plain fields, because prom-client hashes and
 * validates the labels on every `inc` and `observe`, which costs more than
 * all else an interceptor does; they are handed over when they are scraped.
 */
export interface MethodSeries {
  /** The labels that all metrics of this method share. */
  readonly labels: Readonly<Record<string, string>>;
  started: number;
  inFlight: number;
  received: number;
  sent: number;
  /** Calls that ended, by status code. */
  readonly handled: Float64Array;
  /** Calls that ended by bucket, not cumulated; the last one is +Inf. */
  readonly buckets: Float64Array;
  /** The sum of the durations in seconds. */
  sum: number;
}

/** The series of all methods that were called so far. */
export interface SeriesTable extends Iterable<MethodSeries> {
  /** The series of a method. Made at its first call. */
  of(method: DescMethod): MethodSeries;
  /** The series of calls to methods that the server does not have. */
  other(): MethodSeries;
}

/** Creates an empty table. */
export function createSeriesTable(
  spelling: LabelSpelling,
  bounds: readonly number[],
): SeriesTable {
  const byMethod = new Map<DescMethod, MethodSeries>();
  // Two descriptors of one method (a message set loaded twice) share a series:
  // the same labels twice in an exposition would be invalid.
  const byLabels = new Map<string, MethodSeries>();
  const create = (type: string, service: string, method: string) => {
    const key = `${service}/${method}`;
    let series = byLabels.get(key);
    if (series === undefined) {
      series = {
        labels: {
          grpc_type: type,
          grpc_service: service,
          grpc_method: method,
        },
        started: 0,
        inFlight: 0,
        received: 0,
        sent: 0,
        handled: new Float64Array(statusCodes),
        buckets: new Float64Array(bounds.length + 1),
        sum: 0,
      };
      byLabels.set(key, series);
    }
    return series;
  };
  return {
    of(method) {
      let series = byMethod.get(method);
      if (series === undefined) {
        const type = spellType(method.methodKind, spelling);
        series = create(type, method.parent.typeName, method.name);
        byMethod.set(method, series);
      }
      return series;
    },
    // One word for all, as gRPC proposal A66 has it: a name that the peer made
    // up must not become a label value.
    other: () => create(spellType("unary", spelling), "other", "other"),
    [Symbol.iterator]: () => byLabels.values(),
  };
}
