import type { Message } from "@bufbuild/protobuf";
import type {
  Code,
  ContextValues,
  StreamRequest,
  UnaryRequest,
} from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import { LaneHeaders } from "../headers/lane-headers.js";
import type { NodeHeaders } from "../headers/node-headers.js";
import { CallSignal } from "./call-signal.js";
import type { Codec } from "./codec.js";
import { LaneContext } from "./lane-context.js";
import type { LaneMethod } from "./lane-method.js";
import { createUnaryRequest } from "./lane-request.js";
import { LaneValues } from "./lane-values.js";
import type { LaneCallStart, LaneObserver } from "./observation.js";

/** What the headers of a request say of its call. */
export interface CallInit {
  readonly lane: LaneMethod;
  readonly codec: Codec;
  readonly requestMethod: "GET" | "POST";
  readonly url: string;
  readonly headers: NodeHeaders;
  readonly timeoutMs: number | undefined;
  /** How large messages are compressed, if the caller takes that. */
  readonly compression: Compression | undefined;
}

const grpcTrailer: NodeHeaders = { "grpc-status": "0" };
const noTrailer: NodeHeaders = {};

/** One call on the lane, from its headers to its end. */
export class LaneCall implements LaneCallStart {
  readonly lane: LaneMethod;
  readonly codec: Codec;
  readonly requestMethod: "GET" | "POST";
  readonly url: string;
  readonly timeoutMs: number | undefined;
  readonly compression: Compression | undefined;
  /** When it began, by `performance.now()`; 0 without a timeout. */
  readonly startMs: number;
  /** What is left of the timeout, in milliseconds; undefined without one. */
  readonly timeLeft: (() => number) | undefined;
  readonly contextValues: ContextValues;
  readonly header: LaneHeaders;
  readonly responseHeader: LaneHeaders;
  readonly responseTrailer: LaneHeaders;
  /** The message of a unary call, once it was read. */
  input: Message | undefined;
  #context: LaneContext | undefined;
  #request: UnaryRequest | StreamRequest | undefined;
  #signal: CallSignal | undefined;
  #afterEnd: (() => void)[] | undefined;
  #aborted = false;
  #reason: unknown;
  #told = false;
  readonly #observer: LaneObserver | undefined;

  constructor(init: CallInit, contextValues: ContextValues | undefined) {
    const { codec, compression, lane, timeoutMs } = init;
    this.lane = lane;
    this.codec = codec;
    this.requestMethod = init.requestMethod;
    this.url = init.url;
    this.timeoutMs = timeoutMs;
    this.compression = compression;
    this.startMs = timeoutMs === undefined ? 0 : performance.now();
    this.timeLeft = timeoutMs === undefined ? undefined : countDown(timeoutMs);
    this.contextValues = contextValues ?? new LaneValues();
    this.header = new LaneHeaders(init.headers);
    this.responseHeader = new LaneHeaders(codec.header(compression));
    this.responseTrailer = new LaneHeaders(
      codec.protocol === "grpc" ? grpcTrailer : noTrailer,
    );
    this.#observer = lane.observe?.start(this);
  }

  get method() {
    return this.lane.method;
  }

  get protocol() {
    return this.codec.protocol;
  }

  get shutdown(): AbortSignal | undefined {
    return this.lane.options.shutdownSignal;
  }

  /** What the request gate and the handler are given. */
  get context(): LaneContext {
    this.#context ??= new LaneContext(this);
    return this.#context;
  }

  /** Without interceptors, the request is made only for those who ask. */
  get request(): UnaryRequest | StreamRequest | undefined {
    if (this.#request === undefined && this.input !== undefined) {
      this.#request = createUnaryRequest(this, this.input);
    }
    return this.#request;
  }

  set request(request: UnaryRequest | StreamRequest | undefined) {
    this.#request = request;
  }

  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      this.#signal = new CallSignal(this);
      if (this.#aborted) {
        this.#signal.abort(this.#reason);
      }
    }
    return this.#signal.signal;
  }

  /** Runs a function when the call is over for its handler, or now if it is. */
  afterEnd(callback: () => void): void {
    if (this.#aborted) {
      callback();
    } else {
      this.#afterEnd ??= [];
      this.#afterEnd.push(callback);
    }
  }

  /** Aborts the signal: the handler is done, or the caller has left. */
  abort(reason?: unknown): void {
    if (this.#aborted) {
      return;
    }
    this.#aborted = true;
    if (this.#signal === undefined && this.timeoutMs === undefined) {
      // For whoever asks for the signal later.
      this.#reason = reason;
    } else {
      // It knows whether the deadline came first.
      this.#signal ??= new CallSignal(this);
      this.#signal.abort(reason);
    }
    if (this.#afterEnd !== undefined) {
      for (const callback of this.#afterEnd) {
        callback();
      }
    }
  }

  received(message: Message): void {
    this.#observer?.received(this.lane.method.input, message);
  }

  sent(message: Message): void {
    if (!this.#told) {
      this.#observer?.sent(this.lane.method.output, message);
    }
  }

  /** The call was answered with a status. */
  end(status: Code | 0): void {
    if (!this.#told) {
      this.#told = true;
      this.#observer?.end(status);
    }
  }

  /** The caller left without an answer. */
  gone(): void {
    if (!this.#told) {
      this.#told = true;
      this.#observer?.gone();
    }
  }

  /** Whether it was told how the call ended. */
  get over(): boolean {
    return this.#told;
  }
}

/** By the clock, as in connect-es. */
function countDown(timeoutMs: number): () => number {
  const deadline = Math.trunc(Date.now() + timeoutMs);
  return () => deadline - Date.now();
}
