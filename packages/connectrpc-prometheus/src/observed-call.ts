import type { DescMessage, Message } from "@bufbuild/protobuf";
import { Code, ConnectError, type ContextKey } from "@connectrpc/connect";
import type { Call } from "./call.js";
import { ok, type StatusCode } from "./spelling.js";
import {
  abortCode,
  codeFromErrorStatus,
  goneCode,
  type HandledCall,
} from "./status-code.js";
import type { WireStatus } from "./wire-status.js";

/** Where the interceptor finds the call that the handler's wrapper began. */
export type ObservedCallKey = ContextKey<ObservedCall | undefined>;

/**
 * A call that is counted from outside of the interceptors, by its request and
 * response, and what the interceptor has to say of it. It may end in several
 * ways; only the first one counts.
 *
 * One object with plain methods, which is also the listener on the signal:
 * closures and listeners of their own would cost more than all of the counting.
 */
export class ObservedCall {
  /** Undefined for a method that is not counted. */
  readonly call: Call | undefined;
  /** How the handler ended for the interceptor, undefined if it never came there. */
  seen: StatusCode | undefined = undefined;
  /** The response of a unary call, which is sent if it can be serialised. */
  response: Message | undefined = undefined;
  readonly #request: HandledCall;
  readonly #output: DescMessage;
  #httpStatus = 200;
  #wire: WireStatus | undefined = undefined;
  #over = false;
  #watched = false;

  constructor(
    call: Call | undefined,
    request: HandledCall,
    output: DescMessage,
  ) {
    this.call = call;
    this.#request = request;
    this.#output = output;
  }

  /** There is a response, which may still be on its way. */
  begun(status: number, wire: WireStatus): void {
    this.#httpStatus = status;
    this.#wire = wire;
  }

  /** The response is complete. */
  done(): void {
    if (!this.#over) {
      this.#end(this.#wire?.code(this.seen) ?? Code.Internal);
    }
  }

  /** There is no response, or it broke off. */
  failed(): void {
    this.#end(Code.Internal);
  }

  /** The caller is gone. */
  gone(): void {
    if (!this.#over) {
      this.#end(this.#goneCode());
    }
  }

  /** Ends the call if its caller is gone, now or later. */
  watch(): void {
    const { signal } = this.#request;
    if (this.#over) {
      return;
    }
    if (signal.aborted) {
      this.gone();
    } else {
      this.#watched = true;
      signal.addEventListener("abort", this);
    }
  }

  /** The signal aborts: see {@link EventListenerObject}. */
  handleEvent(): void {
    this.gone();
  }

  #goneCode(): StatusCode {
    const { signal } = this.#request;
    // In memory the signal is the client's own. It also aborts when the client
    // has read how the call ended, with that code.
    const told = this.#wire?.told() ? this.#wire.code(this.seen) : undefined;
    if (told !== undefined && (!signal.aborted || abortCode(signal) === told)) {
      return told;
    }
    // connect-node's signal also aborts, without a reason, when connect-es
    // refuses a request before it has read all of it.
    const refused =
      this.#httpStatus !== 200 &&
      this.seen === undefined &&
      this.response === undefined;
    return refused && !(signal.reason instanceof ConnectError)
      ? codeFromErrorStatus(this.#httpStatus)
      : goneCode(this.#request, this.call?.elapsedMs() ?? 0);
  }

  #end(code: StatusCode): void {
    this.#over = true;
    if (code === ok && this.response !== undefined) {
      this.call?.sent(this.#output, this.response);
    }
    this.call?.end(code);
    if (this.#watched) {
      this.#request.signal.removeEventListener("abort", this);
    }
  }
}
