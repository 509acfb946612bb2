import type { StatusClass } from "./status-codes.js";
import type { Side, Vocabulary } from "./vocabulary.js";

/** The queries about calls that panels are made of, on one side. */
export interface CallQueries {
  /** Matchers of the calls that the board's variables choose. */
  readonly chosen: string;
  /** A selector of a metric: the chosen calls, and further matchers. */
  select(name: string, more?: string): string;
  /** The rate of a metric, summed by labels; of none, in total. */
  rate(name: string, by?: string, more?: string): string;
  /**
   * A rate that is 0, and not absent, where calls are counted but none of
   * these. The sum by labels is left out: 0 has none.
   */
  rateOrZero(name: string, more: string): string;
  /**
   * The rate of a metric, summed by labels; where calls are counted but none
   * of these, 0 for the method "none".
   */
  ratesOrNone(name: string, by: string, more: string): string;
  /** The rate of calls that ended with a code of one class. */
  classRate(statusClass: StatusClass): string;
  /** A quantile of the duration of unary calls, in seconds. */
  quantile(quantile: number, by?: string): string;
  /** A matcher of unary calls. */
  readonly unary: string;
  /** A matcher of streams of any kind. */
  readonly streams: string;
}

/** How {@link createCallQueries} chooses calls. */
export interface CallQueryOptions {
  readonly side: Side;
  readonly vocabulary: Vocabulary;
  /** The variable that chooses the scrape job. By default, `job`. */
  readonly jobVariable?: string;
}

const window = "$__rate_interval";

/** Makes the queries of one side. */
export function createCallQueries(options: CallQueryOptions): CallQueries {
  const { side, vocabulary, jobVariable = "job" } = options;
  const visible =
    vocabulary.hidden === "" ? "" : `, grpc_service!~"${vocabulary.hidden}"`;
  const chosen = `job=~"$${jobVariable}", grpc_service=~"$service", grpc_method=~"$method"${visible}`;
  const unary = `grpc_type="${vocabulary.unary}"`;
  const select = (name: string, more = "") =>
    `${vocabulary.metric(side, name)}{${[chosen, more].filter(Boolean).join(", ")}}`;
  const rate = (name: string, by = "", more = "") =>
    `${sum(by)} (rate(${select(name, more)}[${window}]))`;
  const rateOrZero = (name: string, more: string) =>
    `${rate(name, "", more)} or 0 * ${rate(name)}`;
  return {
    chosen,
    select,
    rate,
    rateOrZero,
    ratesOrNone: (name, by, more) =>
      `${rate(name, by, more)} or label_replace(0 * ${rate(name)} unless on() ${rate(name, "", more)}, "grpc_method", "none", "", "")`,
    classRate: (statusClass) =>
      rateOrZero(
        "handled_total",
        `grpc_code=~"${vocabulary.codesOf(statusClass)}"`,
      ),
    quantile: (quantile, by = "") =>
      `histogram_quantile(${quantile}, ${rate(
        "handling_seconds_bucket",
        ["le", by].filter(Boolean).join(", "),
        unary,
      )})`,
    unary,
    streams: `grpc_type!="${vocabulary.unary}"`,
  };
}

function sum(by: string): string {
  return by === "" ? "sum" : `sum by (${by})`;
}
