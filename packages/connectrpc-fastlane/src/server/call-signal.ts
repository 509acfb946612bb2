import { Code, ConnectError } from "@connectrpc/connect";

/**
 * What connect-es's own signals abort with at the end of a call: the reason
 * of `abort()` without one. Made once, as it holds a stack that says nothing,
 * and taking that costs more than all else that the end of a call does.
 */
const ended = new DOMException("This operation was aborted", "AbortError");

/** Node's timers do not wait longer, and fire at once when they are to. */
export const longestTimerMs = 2 ** 31 - 1;

/** When the signal of a call aborts by itself. */
export interface SignalInit {
  /** The timeout that the caller asked for, in milliseconds; none if undefined. */
  readonly timeoutMs: number | undefined;
  /** When the call began, by `performance.now()`. */
  readonly startMs: number;
  readonly shutdown: AbortSignal | undefined;
}

/**
 * The signal of a call, made when it is asked for. It aborts at the deadline,
 * when the server shuts down, when the caller leaves, and at the end of the
 * call; the first of these gives the reason, asked for or not.
 */
export class CallSignal {
  readonly #init: SignalInit;
  #controller: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #onShutdown: (() => void) | undefined;
  #aborted = false;
  #reason: unknown;

  constructor(init: SignalInit) {
    this.#init = init;
  }

  /** The signal, always the same. */
  get signal(): AbortSignal {
    this.#controller ??= this.#make();
    return this.#controller.signal;
  }

  /** The call is over, with the given reason if there is one. */
  abort(reason?: unknown): void {
    if (this.#aborted) {
      return;
    }
    this.#aborted = true;
    if (this.#controller === undefined) {
      this.#reason = this.#msLeft() <= 0 ? timedOut() : reason;
    } else {
      clearTimeout(this.#timer);
      if (this.#onShutdown !== undefined) {
        this.#init.shutdown?.removeEventListener("abort", this.#onShutdown);
      }
      this.#controller.abort(reason ?? ended);
    }
  }

  #make(): AbortController {
    const controller = new AbortController();
    const { shutdown } = this.#init;
    const msLeft = this.#msLeft();
    if (this.#aborted) {
      controller.abort(this.#reason ?? ended);
    } else if (msLeft <= 0) {
      this.#aborted = true;
      controller.abort(timedOut());
    } else if (shutdown?.aborted) {
      this.#aborted = true;
      controller.abort(shutdown.reason);
    } else {
      if (msLeft !== Number.POSITIVE_INFINITY) {
        this.#timer = setTimeout(() => this.abort(timedOut()), msLeft);
      }
      if (shutdown !== undefined) {
        this.#onShutdown = () => this.abort(shutdown.reason);
        shutdown.addEventListener("abort", this.#onShutdown);
      }
    }
    return controller;
  }

  #msLeft(): number {
    const { startMs, timeoutMs } = this.#init;
    if (timeoutMs === undefined) {
      return Number.POSITIVE_INFINITY;
    }
    return timeoutMs <= 0 ? 0 : timeoutMs - (performance.now() - startMs);
  }
}

function timedOut(): ConnectError {
  return new ConnectError("the operation timed out", Code.DeadlineExceeded);
}
