import type {
  DescMessage,
  DescMethodUnary,
  DescService,
  MessageShape,
} from "@bufbuild/protobuf";
import type { ContextValues, UnaryRequest } from "@connectrpc/connect";
import type { OutgoingRequest } from "./lane.js";
import type { UnaryCall } from "./unary-call.js";

/** What a request is made of. */
export interface LaneRequestInit<I extends DescMessage, O extends DescMessage> {
  method: DescMethodUnary<I, O>;
  url: string;
  message: MessageShape<I>;
  contextValues: ContextValues;
  /** Undefined if nobody gave any, so that none need to be made. */
  header: Headers | undefined;
  makeHeader: () => Headers;
  call: UnaryCall;
}

/**
 * The request that interceptors see. `header` and `signal` are made when they
 * are read; they are properties of the object itself, as a spread wants them.
 */
export class LaneRequest<I extends DescMessage, O extends DescMessage>
  implements UnaryRequest<I, O>
{
  static readonly #header: PropertyDescriptor &
    ThisType<LaneRequest<DescMessage, DescMessage>> = {
    enumerable: true,
    configurable: true,
    get() {
      this.#madeHeader ??= this.#makeHeader();
      return this.#madeHeader;
    },
    set(value: Headers) {
      this.#madeHeader = value;
    },
  };
  static readonly #signal: PropertyDescriptor &
    ThisType<LaneRequest<DescMessage, DescMessage>> = {
    enumerable: true,
    configurable: true,
    get() {
      return this.#givenSignal ?? this.#call.signal;
    },
    set(value: AbortSignal) {
      this.#givenSignal = value;
    },
  };

  readonly stream = false;
  readonly service: DescService;
  readonly method: DescMethodUnary<I, O>;
  readonly requestMethod = "POST";
  readonly url: string;
  declare readonly header: Headers;
  readonly contextValues: ContextValues;
  readonly message: MessageShape<I>;
  declare readonly signal: AbortSignal;
  readonly #call: UnaryCall;
  readonly #makeHeader: () => Headers;
  #madeHeader: Headers | undefined;
  #givenSignal: AbortSignal | undefined;

  constructor(init: LaneRequestInit<I, O>) {
    this.service = init.method.parent;
    this.method = init.method;
    this.url = init.url;
    Object.defineProperty(this, "header", LaneRequest.#header);
    this.contextValues = init.contextValues;
    this.message = init.message;
    Object.defineProperty(this, "signal", LaneRequest.#signal);
    this.#call = init.call;
    this.#makeHeader = init.makeHeader;
    this.#madeHeader = init.header;
  }

  /** What interceptors have made of a request of this call. */
  static read<I extends DescMessage, O extends DescMessage>(
    req: UnaryRequest<I, O>,
    call: UnaryCall,
  ): OutgoingRequest<I> {
    const signal = #givenSignal in req ? req.#givenSignal : req.signal;
    return {
      message: req.message,
      url: req.url,
      requestMethod: req.requestMethod,
      header: #madeHeader in req ? req.#madeHeader : req.header,
      signal: signal === undefined || call.owns(signal) ? undefined : signal,
    };
  }
}
