import type { ObservedCall } from "./observed-call.js";
import type { WireStatus } from "./wire-status.js";

/** Passes the body of a response on, reads its status and tells how it ends. */
export class ObservedBody implements AsyncIterableIterator<Uint8Array> {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #wire: WireStatus;
  readonly #call: ObservedCall;

  constructor(
    body: AsyncIterable<Uint8Array>,
    wire: WireStatus,
    call: ObservedCall,
  ) {
    this.#chunks = body[Symbol.asyncIterator]();
    this.#wire = wire;
    this.#call = call;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    return this.#chunks.next().then(this.#read, this.#fail);
  }

  /**
   * The reader ends every body by `return`; before its end that means that the
   * peer has gone.
   */
  return(value?: unknown): Promise<IteratorResult<Uint8Array>> {
    this.#call.gone();
    return (
      this.#chunks.return?.(value) ?? Promise.resolve({ done: true, value })
    );
  }

  throw(error?: unknown): Promise<IteratorResult<Uint8Array>> {
    this.#call.gone();
    return this.#chunks.throw?.(error) ?? Promise.reject(error);
  }

  readonly #read = (result: IteratorResult<Uint8Array>) => {
    if (result.done === true) {
      this.#call.done();
    } else {
      this.#wire.read(result.value);
    }
    return result;
  };

  readonly #fail = (error: unknown) => {
    this.#call.failed();
    throw error;
  };
}
