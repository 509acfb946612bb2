import type { Message } from "@bufbuild/protobuf";
import type { StreamRequest, UnaryRequest } from "@connectrpc/connect";
import type { LaneCall } from "./lane-call.js";

/**
 * The request that interceptors are given. Its signal is a property of its
 * own, as `{...request}` must copy it, but is made only when it is read.
 */
class LaneRequest {
  static readonly #signal: PropertyDescriptor & ThisType<LaneRequest> = {
    enumerable: true,
    configurable: true,
    get() {
      return this.#call.signal;
    },
  };
  readonly #call: LaneCall;
  readonly stream: boolean;
  readonly message: unknown;
  readonly method;
  readonly requestMethod: string;
  readonly url: string;
  declare readonly signal: AbortSignal;
  readonly header: Headers;
  readonly service;
  readonly contextValues;

  constructor(call: LaneCall, stream: boolean, message: unknown) {
    this.#call = call;
    this.stream = stream;
    this.message = message;
    this.method = call.lane.method;
    this.requestMethod = call.requestMethod;
    this.url = call.url;
    Object.defineProperty(this, "signal", LaneRequest.#signal);
    this.header = call.header;
    this.service = call.lane.method.parent;
    this.contextValues = call.contextValues;
  }
}

/** Makes the request of a unary call. */
export function createUnaryRequest(
  call: LaneCall,
  message: Message,
): UnaryRequest {
  // The method is a unary one, and has this message for its input.
  return new LaneRequest(call, false, message) as unknown as UnaryRequest;
}

/** Makes the request of a streaming call. */
export function createStreamRequest(
  call: LaneCall,
  messages: AsyncIterable<Message>,
): StreamRequest {
  // The method is a streaming one, and has these messages for its input.
  return new LaneRequest(call, true, messages) as unknown as StreamRequest;
}
