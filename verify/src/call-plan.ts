import { createRandom } from "./random.js";

/** The four types of calls. */
export type CallKind = "unary" | "server" | "client" | "bidi";

/** Protocol and HTTP version of a call. */
export type Road = "grpc" | "grpc-web" | "connect-h2" | "connect-h1";

/**
 * How a call ends: by itself, with an error of the handler, or abandoned: by
 * the caller's signal, its timeout, its connection, or by breaking out of
 * `for await`, with the signal aborted after that or not.
 */
export type Ending =
  | "ok"
  | "error"
  | "abort"
  | "deadline"
  | "disconnect"
  | "break"
  | "break-abort";

/** A call that is to be made. */
export interface PlannedCall {
  readonly kind: CallKind;
  readonly road: Road;
  readonly ending: Ending;
}

/** How many calls to plan, and which. */
export interface PlanOptions {
  readonly seed: number;
  readonly unary: number;
  readonly streams: number;
  /** Whether unary calls are to take roads of the fast lane alone, on both ends. */
  readonly lane?: boolean;
}

const roads: readonly Road[] = ["grpc", "grpc-web", "connect-h2", "connect-h1"];
/** connect-es has no bidirectional streams over HTTP/1.1. */
const bidiRoads = roads.filter((road) => road !== "connect-h1");

/** Those on which unary calls take the fast lane of clients and servers. */
const laneRoads: readonly Road[] = ["grpc", "connect-h2"];

const departures: readonly Ending[] = ["abort", "deadline", "disconnect"];
const readerDepartures: readonly Ending[] = [
  ...departures,
  "break",
  "break-abort",
];

/**
 * Plans calls in random order: the same for the same seed. Of all calls a
 * tenth are abandoned and a twentieth fail; of those that take the lane, a
 * hundredth and as many: they are to be many, and an error costs more than a
 * call.
 */
export function* planCalls(options: PlanOptions): Generator<PlannedCall> {
  const { fraction, pick } = createRandom(options.seed);
  let { unary, streams } = options;
  while (unary + streams > 0) {
    const isUnary = fraction() * (unary + streams) < unary;
    if (isUnary) {
      unary--;
    } else {
      streams--;
    }
    const kind = isUnary
      ? "unary"
      : pick<CallKind>(["server", "client", "bidi"]);
    const luck = fraction();
    const [abandoned, failing] =
      isUnary && options.lane === true ? [0.01, 0.01] : [0.1, 0.05];
    const reads = kind === "server" || kind === "bidi";
    const ending =
      luck < abandoned
        ? pick(reads ? readerDepartures : departures)
        : luck < abandoned + failing
          ? "error"
          : "ok";
    yield { kind, road: pick(roadsOf(kind, options)), ending };
  }
}

function roadsOf(kind: CallKind, { lane }: PlanOptions): readonly Road[] {
  if (kind === "bidi") {
    return bidiRoads;
  }
  return kind === "unary" && lane === true ? laneRoads : roads;
}
