import type { DescMethod } from "@bufbuild/protobuf";
import type {
  ContextValues,
  Interceptor,
  StreamRequest,
  UnaryRequest,
} from "@connectrpc/connect";
import { Call } from "./call.js";
import type { Settings } from "./options.js";
import type { Series, SeriesTable } from "./series.js";
import { goneCodeAfter } from "./status-code.js";

/**
 * What a server tells of its calls that does not run connect-es's handlers,
 * such as connectrpc-fastlane, whose `observe` option takes it. It counts what
 * the interceptor and `observeHandlers` together do.
 */
export interface CallObservation {
  /** The interceptor, which has nothing left to do for these calls. */
  readonly replaces: Interceptor;
  /** A call begins. Undefined for a method that is not counted. */
  start(call: ObservableCall): ObservingCall | undefined;
}

/** A call, as it is known when its headers are there. */
export interface ObservableCall {
  readonly method: DescMethod;
  readonly header: Headers;
  readonly contextValues: ContextValues;
  /** The timeout that the caller asked for, in milliseconds. */
  readonly timeoutMs: number | undefined;
  /** What the interceptors get, once they do. */
  readonly request: UnaryRequest | StreamRequest | undefined;
}

/** Creates the observation that counts in a table. */
export function createCallObservation(
  table: SeriesTable,
  settings: Settings,
  interceptor: Interceptor,
): CallObservation {
  const { exemplar } = settings;
  return {
    replaces: interceptor,
    start(observable) {
      const series = table.of(observable);
      if (series === undefined) {
        return undefined;
      }
      const call = new ObservingCall(series, settings, observable.timeoutMs);
      if (exemplar !== undefined) {
        call.exemplar = () =>
          observable.request && exemplar(observable.request);
      }
      return call;
    },
  };
}

/** A call of which the server tells the messages and the end. */
export class ObservingCall extends Call {
  readonly #timeoutMs: number;

  constructor(
    series: Series,
    settings: Settings,
    timeoutMs = Number.POSITIVE_INFINITY,
  ) {
    super(series, settings);
    this.#timeoutMs = timeoutMs;
  }

  /** The caller left before it was answered. */
  gone(): void {
    this.end(goneCodeAfter(this.elapsedMs(), this.#timeoutMs));
  }
}
