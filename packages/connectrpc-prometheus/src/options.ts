import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type {
  ContextValues,
  StreamRequest,
  UnaryRequest,
} from "@connectrpc/connect";
import type {
  OpenMetricsContentType,
  Registry,
  RegistryContentType,
} from "prom-client";
import type { LabelSpelling } from "./spelling.js";

/** What {@link createServerMetrics} and {@link createClientMetrics} take. */
export interface MetricsOptions {
  /**
   * Where the metrics are registered. The caller owns it: nothing happens on
   * import, and the global registry of prom-client is used only if it is
   * passed here.
   */
  registry: Registry<RegistryContentType>;
  /** Put before each metric's name: `"shop_"`. By default, nothing. */
  prefix?: string;
  /**
   * How `grpc_type` and `grpc_code` are spelled. By default, `"go"`.
   */
  spelling?: LabelSpelling;
  /**
   * Upper bounds of the duration histogram's buckets in seconds, ascending,
   * without +Inf. By default, {@link defaultBuckets}. `false` leaves the
   * histogram out.
   */
  buckets?: readonly number[] | false;
  /**
   * Adds a label to the duration histogram: `"code"` adds `grpc_code`,
   * `"outcome"` adds `grpc_outcome`, which is `success` or `failure`. By
   * default, none, as in go-grpc-middleware: each value multiplies the series.
   */
  bucketLabel?: "code" | "outcome";
  /**
   * Adds histograms of message sizes, `grpc_{server,client}_msg_received_bytes`
   * and `_msg_sent_bytes`: the size in Protobuf's binary format, before
   * compression, whatever the format on the wire. `true` for
   * {@link defaultSizeBuckets}, or upper bounds in bytes, ascending. By
   * default, none: each message is encoded once more to measure it.
   */
  sizeBuckets?: readonly number[] | boolean;
  /**
   * Adds the label `grpc_protocol` to all metrics: `grpc`, `grpc_web` or
   * `connect`. By default, false.
   */
  protocolLabel?: boolean;
  /** Labels that all series have, with their values. By default, none. */
  constLabels?: Readonly<Record<string, string>>;
  /** Labels whose values each call brings along. By default, none. */
  callLabels?: CallLabels;
  /**
   * Gives the exemplar of a call, a few labels such as its trace id: at most
   * 128 characters of names and values together, as OpenMetrics has it; more
   * are left out. Called when the call ends; what it throws is dropped. Needs
   * a registry with the content type of OpenMetrics, and the histogram. By
   * default, there are none.
   */
  exemplar?: (
    req: UnaryRequest | StreamRequest,
  ) => Readonly<Record<string, string>> | undefined;
  /**
   * Tells which methods are counted. Asked once for each method. By default,
   * all are.
   */
  filter?: (method: DescMethod) => boolean;
  /**
   * Services whose series are there from the start, at zero, so that an alert
   * sees the first error as an increase. Cannot be combined with `callLabels`,
   * whose values are not known before a call. By default, none: a series
   * begins with its first call.
   */
  services?: readonly DescService[];
}

/** Labels whose values depend on the call. */
export interface CallLabels {
  /** The names of the labels. */
  names: readonly string[];
  /**
   * Gives the values. What is left out is the empty string. Called once, when
   * the call begins; what it throws is dropped.
   */
  values(call: CallStart): Readonly<Record<string, string | undefined>>;
  /**
   * How many combinations of values a method may have. Once there are so many,
   * a call with a new one counts as `other` in every label: values that peers
   * choose must not fill the memory. By default, 100.
   */
  maxCombinations?: number;
}

/** What is known of a call when it begins. */
export interface CallStart {
  readonly method: DescMethod;
  /** The headers of the request. */
  readonly header: Headers;
  /**
   * On a server, the values that the adapter's `contextValues` option gave; no
   * other interceptor has run yet. On a client, those of the call's options.
   */
  readonly contextValues: ContextValues;
}

/**
 * The buckets of client_golang's `DefBuckets` in seconds, which
 * go-grpc-middleware uses. The lowest is 5 ms: services that answer faster
 * want finer ones.
 */
export const defaultBuckets: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** Buckets for message sizes in bytes: 64 B to 16 MiB by a factor of 4. */
export const defaultSizeBuckets: readonly number[] = [
  64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304,
  16_777_216,
];

/**
 * The same as `Registry.OPENMETRICS_CONTENT_TYPE`. prom-client is imported for
 * its types alone: all of it needs Node, and clients run in browsers, too.
 */
const openMetrics: OpenMetricsContentType =
  "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** Options that were checked, with their defaults. */
export interface Settings extends Omit<MetricsOptions, "sizeBuckets"> {
  readonly prefix: string;
  readonly spelling: LabelSpelling;
  readonly protocolLabel: boolean;
  readonly constLabels: Readonly<Record<string, string>>;
  readonly services: readonly DescService[];
  /** Bounds of the duration histogram, undefined to leave it out. */
  readonly bounds: readonly number[] | undefined;
  /** Bounds of the size histograms, undefined to leave them out. */
  readonly sizeBounds: readonly number[] | undefined;
}

/**
 * Checks options. Throws a RangeError for buckets that do not ascend, a
 * TypeError for names that Prometheus does not allow or that are taken, and
 * for options that exclude each other.
 */
export function resolveOptions(options: MetricsOptions): Settings {
  const { sizeBuckets = false, buckets = defaultBuckets } = options;
  const settings: Settings = {
    ...options,
    prefix: options.prefix ?? "",
    spelling: options.spelling ?? "go",
    protocolLabel: options.protocolLabel ?? false,
    constLabels: { ...options.constLabels },
    services: options.services ?? [],
    bounds: checkBounds("buckets", buckets),
    sizeBounds: checkBounds(
      "sizeBuckets",
      sizeBuckets === true ? defaultSizeBuckets : sizeBuckets,
    ),
  };
  checkNames(settings);
  checkCombination(settings);
  return settings;
}

function checkBounds(
  name: string,
  bounds: readonly number[] | false,
): readonly number[] | undefined {
  if (bounds === false) {
    return undefined;
  }
  bounds.forEach((bound, i) => {
    const previous = i === 0 ? Number.NEGATIVE_INFINITY : bounds[i - 1];
    if (!Number.isFinite(bound) || bound <= Number(previous)) {
      throw new RangeError(
        `${name} must be ascending, finite numbers, got ${bounds.join(", ")}`,
      );
    }
  });
  return [...bounds];
}

function checkNames(settings: Settings): void {
  if (!/^([a-zA-Z_:][a-zA-Z0-9_:]*)?$/.test(settings.prefix)) {
    throw new TypeError(
      `prefix ${JSON.stringify(settings.prefix)} cannot begin a metric's name`,
    );
  }
  const taken = new Set(["le"]);
  const names = [
    ...Object.keys(settings.constLabels),
    ...(settings.callLabels?.names ?? []),
  ];
  for (const name of names) {
    if (!/^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
      throw new TypeError(`${JSON.stringify(name)} is no name for a label`);
    }
    if (taken.has(name) || name.startsWith("grpc_")) {
      throw new TypeError(`the label ${name} is taken`);
    }
    taken.add(name);
  }
}

function checkCombination(settings: Settings): void {
  const { bounds, registry } = settings;
  if (settings.bucketLabel !== undefined && bounds === undefined) {
    throw new TypeError("bucketLabel needs the histogram: buckets is false");
  }
  if (settings.callLabels !== undefined && settings.services.length > 0) {
    throw new TypeError(
      "services cannot be combined with callLabels: their values are not known before a call",
    );
  }
  if (settings.exemplar !== undefined) {
    if (bounds === undefined) {
      throw new TypeError("exemplar needs the histogram: buckets is false");
    }
    if (registry.contentType !== openMetrics) {
      throw new TypeError(
        "exemplar needs a registry with the content type of OpenMetrics: registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)",
      );
    }
  }
  const { maxCombinations = 1 } = settings.callLabels ?? {};
  if (!Number.isInteger(maxCombinations) || maxCombinations < 1) {
    throw new RangeError(
      `maxCombinations must be a whole number from 1, got ${maxCombinations}`,
    );
  }
}
