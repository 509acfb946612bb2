import type {
  ContextValues,
  HandlerContext,
  StreamRequest,
  UnaryRequest,
} from "@connectrpc/connect";
import type { LaneCall } from "./lane-call.js";

const noTimeout = () => undefined;

/** The parts of a request that an interceptor may have put others for. */
type Passed = Pick<
  UnaryRequest | StreamRequest,
  "service" | "header" | "signal" | "contextValues"
>;

/**
 * The context that handlers and the request gate are given. Its signal is made
 * when it is read.
 */
export class LaneContext implements HandlerContext {
  static readonly #signal: PropertyDescriptor & ThisType<LaneContext> = {
    enumerable: true,
    configurable: true,
    get() {
      return this.#passed === undefined
        ? this.#call.signal
        : this.#passed.signal;
    },
  };
  readonly #call: LaneCall;
  readonly #passed: Passed | undefined;
  readonly service;
  readonly method;
  readonly protocolName: string;
  readonly requestMethod: string;
  readonly url: string;
  declare readonly signal: AbortSignal;
  readonly timeoutMs: () => number | undefined;
  readonly requestHeader: Headers;
  readonly responseHeader: Headers;
  readonly responseTrailer: Headers;
  readonly values: ContextValues;

  /** The request is the one that came through the interceptors. */
  constructor(call: LaneCall, passed?: Passed) {
    this.#call = call;
    this.#passed = passed;
    this.service = passed?.service ?? call.lane.method.parent;
    this.method = call.lane.method;
    this.protocolName = call.codec.protocol;
    this.requestMethod = call.requestMethod;
    this.url = call.url;
    Object.defineProperty(this, "signal", LaneContext.#signal);
    this.timeoutMs = call.timeLeft ?? noTimeout;
    this.requestHeader = passed?.header ?? call.header;
    this.responseHeader = call.responseHeader;
    this.responseTrailer = call.responseTrailer;
    this.values = passed?.contextValues ?? call.contextValues;
  }

  /** The call of a context that the lane made; undefined for others. */
  static callOf(context: HandlerContext): LaneCall | undefined {
    return #call in context ? context.#call : undefined;
  }
}

/**
 * Calls back when a call is over for its handler: it was answered or refused,
 * or its caller has left. At the same times the context's signal aborts, which
 * is what this waits for on a server without the lane; on the lane no signal
 * is made for it, and no deadline alone ends it.
 *
 * Called at once for a call that is over already.
 */
export function afterCall(context: HandlerContext, callback: () => void): void {
  const call = LaneContext.callOf(context);
  if (call !== undefined) {
    call.afterEnd(callback);
  } else if (context.signal.aborted) {
    callback();
  } else {
    context.signal.addEventListener("abort", () => callback(), { once: true });
  }
}
