import type {
  DescMessage,
  DescMethodUnary,
  DescService,
  MessageShape,
} from "@bufbuild/protobuf";
import type { UnaryResponse } from "@connectrpc/connect";

/** Where the Headers of a response come from. */
export interface ResponseParts {
  readonly header: Headers;
  readonly trailer: Headers;
}

/**
 * The response that interceptors see. `header` and `trailer` are made when
 * they are read; they are properties of the object itself, as a spread wants
 * them.
 */
export class LaneResponse<I extends DescMessage, O extends DescMessage>
  implements UnaryResponse<I, O>
{
  static readonly #header: PropertyDescriptor &
    ThisType<LaneResponse<DescMessage, DescMessage>> = {
    enumerable: true,
    configurable: true,
    get() {
      this.#madeHeader ??= this.#parts.header;
      return this.#madeHeader;
    },
    set(value: Headers) {
      this.#madeHeader = value;
    },
  };
  static readonly #trailer: PropertyDescriptor &
    ThisType<LaneResponse<DescMessage, DescMessage>> = {
    enumerable: true,
    configurable: true,
    get() {
      this.#madeTrailer ??= this.#parts.trailer;
      return this.#madeTrailer;
    },
    set(value: Headers) {
      this.#madeTrailer = value;
    },
  };

  readonly stream = false;
  readonly service: DescService;
  readonly method: DescMethodUnary<I, O>;
  declare readonly header: Headers;
  readonly message: MessageShape<O>;
  declare readonly trailer: Headers;
  readonly #parts: ResponseParts;
  #madeHeader: Headers | undefined;
  #madeTrailer: Headers | undefined;

  constructor(
    method: DescMethodUnary<I, O>,
    message: MessageShape<O>,
    parts: ResponseParts,
  ) {
    this.service = method.parent;
    this.method = method;
    Object.defineProperty(this, "header", LaneResponse.#header);
    this.message = message;
    Object.defineProperty(this, "trailer", LaneResponse.#trailer);
    this.#parts = parts;
  }
}
