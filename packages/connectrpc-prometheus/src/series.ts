import type { DescMethod } from "@bufbuild/protobuf";
import { Histogram } from "./histogram.js";
import type { CallStart, Settings } from "./options.js";
import { protocolOf, protocols } from "./protocol.js";
import { spellType, statusCodes } from "./spelling.js";

/**
 * The numbers of one method, and of one combination of labels where calls
 * bring labels along. Plain fields, because prom-client hashes and validates
 * the labels on every `inc` and `observe`, which costs more than all else an
 * interceptor does; they are handed over when they are scraped.
 */
export interface Series {
  /** The labels that all metrics of this series share. */
  readonly labels: Readonly<Record<string, string>>;
  started: number;
  inFlight: number;
  received: number;
  sent: number;
  /** Calls that ended, by status code. */
  readonly handled: Float64Array;
  /**
   * Durations in seconds: one histogram at index 0, or one for each status
   * code or outcome that came up. Empty if there is no histogram.
   */
  readonly durations: (Histogram | undefined)[];
  /** Message sizes in bytes, if they are measured. */
  readonly receivedBytes: Histogram | undefined;
  readonly sentBytes: Histogram | undefined;
  /** Whether codes that did not come up yet are shown, as zeros. */
  readonly showZeros: boolean;
}

/** The series of all methods that were called so far. */
export interface SeriesTable extends Iterable<Series> {
  /** The series of a call, undefined if its method is not counted. */
  of(call: CallStart): Series | undefined;
  /** The series of calls to methods that the server does not have. */
  other(protocol: string): Series;
}

/** The series of one method. */
interface MethodSeries {
  /** Where calls bring no labels along. */
  plain: Series | undefined;
  /** By the values that calls brought along. */
  byValues: Map<string, Series>;
}

/** Creates the table, with the series of `services` at zero. */
export function createSeriesTable(settings: Settings): SeriesTable {
  const { callLabels, protocolLabel, spelling } = settings;
  const byMethod = new Map<DescMethod, MethodSeries | undefined>();
  // Two descriptors of one method (a file that was loaded twice) share a
  // series: the same labels twice in an exposition would be invalid.
  const byLabels = new Map<string, Series>();

  const obtain = (
    type: string,
    service: string,
    method: string,
    more: Readonly<Record<string, string>> = {},
    showZeros = false,
  ): Series => {
    const labels = {
      grpc_type: type,
      grpc_service: service,
      grpc_method: method,
      ...more,
      ...settings.constLabels,
    };
    const key = JSON.stringify(labels);
    let series = byLabels.get(key);
    if (series === undefined) {
      series = createSeries(labels, settings, showZeros);
      byLabels.set(key, series);
    }
    return series;
  };
  const ofMethod = (
    method: DescMethod,
    more?: Readonly<Record<string, string>>,
    showZeros?: boolean,
  ) => {
    const type = spellType(method.methodKind, spelling);
    return obtain(type, method.parent.typeName, method.name, more, showZeros);
  };
  const lookUp = (method: DescMethod): MethodSeries | undefined => {
    let entry = byMethod.get(method);
    if (entry === undefined && !byMethod.has(method)) {
      const counted = settings.filter?.(method) ?? true;
      entry = counted ? { plain: undefined, byValues: new Map() } : undefined;
      byMethod.set(method, entry);
    }
    return entry;
  };

  for (const method of settings.services.flatMap((s) => s.methods)) {
    if (lookUp(method) !== undefined) {
      for (const grpc_protocol of protocolLabel ? protocols : [undefined]) {
        ofMethod(method, grpc_protocol ? { grpc_protocol } : {}, true);
      }
    }
  }

  return {
    of(call) {
      const entry = lookUp(call.method);
      if (entry === undefined) {
        return undefined;
      }
      if (!protocolLabel && callLabels === undefined) {
        entry.plain ??= ofMethod(call.method);
        return entry.plain;
      }
      const labels = readLabels(call, settings);
      const key = Object.values(labels).join("\0");
      let series = entry.byValues.get(key);
      if (series === undefined) {
        const { maxCombinations = 100 } = callLabels ?? {};
        // The protocols do not count: there are three, whoever calls.
        const bound = maxCombinations * (protocolLabel ? protocols.length : 1);
        if (entry.byValues.size >= bound) {
          return ofMethod(call.method, hideValues(labels));
        }
        series = ofMethod(call.method, labels);
        entry.byValues.set(key, series);
      }
      return series;
    },
    // One word for all, as gRPC proposal A66 has it: a name that the peer made
    // up must not become a label value.
    other(protocol) {
      const more: Record<string, string> = {};
      if (protocolLabel) {
        more.grpc_protocol = protocol;
      }
      for (const name of callLabels?.names ?? []) {
        more[name] = "";
      }
      return obtain(spellType("unary", spelling), "other", "other", more);
    },
    [Symbol.iterator]: () => byLabels.values(),
  };
}

function createSeries(
  labels: Readonly<Record<string, string>>,
  settings: Settings,
  showZeros: boolean,
): Series {
  const { bounds, bucketLabel, sizeBounds } = settings;
  const durations = [];
  if (bounds !== undefined && (bucketLabel === undefined || showZeros)) {
    const count =
      bucketLabel === undefined ? 1 : bucketLabel === "code" ? statusCodes : 2;
    for (let i = 0; i < count; i++) {
      durations.push(new Histogram(bounds));
    }
  }
  return {
    labels,
    started: 0,
    inFlight: 0,
    received: 0,
    sent: 0,
    handled: new Float64Array(statusCodes),
    durations,
    receivedBytes: sizeBounds && new Histogram(sizeBounds),
    sentBytes: sizeBounds && new Histogram(sizeBounds),
    showZeros,
  };
}

/** The labels that a call brings along, in an order that is always the same. */
function readLabels(
  call: CallStart,
  settings: Settings,
): Record<string, string> {
  const labels: Record<string, string> = {};
  if (settings.protocolLabel) {
    labels.grpc_protocol = protocolOf(call.header);
  }
  const { callLabels } = settings;
  if (callLabels !== undefined) {
    let values: Readonly<Record<string, string | undefined>> = {};
    try {
      values = callLabels.values(call);
    } catch {
      // A call must not fail because it cannot be labelled.
    }
    for (const name of callLabels.names) {
      labels[name] = values[name] ?? "";
    }
  }
  return labels;
}

function hideValues(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) =>
      name === "grpc_protocol" ? [name, value] : [name, "other"],
    ),
  );
}
