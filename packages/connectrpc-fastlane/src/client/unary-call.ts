import { Code, ConnectError } from "@connectrpc/connect";

/** What ends early when a call does. */
export interface Endable {
  /** The call is over; `reason` is that of its signal. */
  abort(reason: unknown): void;
}

/** How long something may go on. */
export interface Lifetime {
  /** Ends this, too, in the end; at once if that has come. */
  attach(endable: Endable): void;
  /** Forgets what has ended by itself. */
  detach(endable: Endable): void;
  /**
   * Ends now if the deadline is due, although its timer did not fire yet.
   * Servers reset a stream at the deadline too, and that may arrive first.
   */
  expireIfDue(): void;
}

/** How late a timer that is due may be, in milliseconds. */
const timerSlackMs = 10;

/** The longest time that a timer of Node takes, in milliseconds. */
const longestTimerMs = 0x7fffffff;

/**
 * One unary call, from its start until its caller has the outcome: its
 * deadline, and its signal, which exists once somebody asks for it. What
 * connect-es makes for each call, an AbortController that is aborted in the
 * end, costs more than all else on the lane.
 */
export class UnaryCall implements Lifetime {
  readonly #callerSignal: AbortSignal | undefined;
  /** Nearly always there is one, which needs no set. */
  #attached: Endable | undefined;
  #alsoAttached: Set<Endable> | undefined;
  #onCallerAbort: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #deadlineMs = Number.POSITIVE_INFINITY;
  #controller: AbortController | undefined;
  #over = false;
  #reason: unknown;

  /** By default, there is no deadline; `timeoutMs` is from now on. */
  constructor(
    callerSignal: AbortSignal | undefined,
    timeoutMs: number | undefined,
  ) {
    this.#callerSignal = callerSignal;
    if (callerSignal?.aborted) {
      this.#end(callerSignal.reason);
      return;
    }
    if (callerSignal !== undefined) {
      this.#onCallerAbort = () => this.#end(callerSignal.reason);
      callerSignal.addEventListener("abort", this.#onCallerAbort);
    }
    if (timeoutMs !== undefined) {
      this.#deadlineMs = performance.now() + timeoutMs;
      if (timeoutMs <= 0) {
        this.#expire();
        return;
      }
      this.#timer = setTimeout(
        () => this.#expire(),
        Math.min(timeoutMs, longestTimerMs),
      );
    }
  }

  /**
   * Aborts when the caller leaves, at the deadline, and when the call ends,
   * with an error or without.
   */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#over) {
        this.#controller.abort(this.#reason);
      }
    }
    return this.#controller.signal;
  }

  /** Whether this is the signal of this call; asking does not make it. */
  owns(signal: AbortSignal): boolean {
    return this.#controller?.signal === signal;
  }

  attach(endable: Endable): void {
    if (this.#over) {
      endable.abort(this.signal.reason);
    } else if (this.#attached === undefined) {
      this.#attached = endable;
    } else {
      this.#alsoAttached ??= new Set();
      this.#alsoAttached.add(endable);
    }
  }

  detach(endable: Endable): void {
    if (this.#attached === endable) {
      this.#attached = undefined;
    } else {
      this.#alsoAttached?.delete(endable);
    }
  }

  expireIfDue(): void {
    if (!this.#over && performance.now() >= this.#deadlineMs - timerSlackMs) {
      this.#expire();
    }
  }

  /** The caller gets a response. */
  succeed(): void {
    this.#end(undefined);
  }

  /** The caller gets this error: what ended the call, if it was its signal. */
  fail(reason: unknown): ConnectError {
    const error = this.#over
      ? ConnectError.from(this.signal.reason, Code.Canceled)
      : ConnectError.from(reason);
    this.#end(error);
    return error;
  }

  #end(reason: unknown): void {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    if (this.#onCallerAbort !== undefined) {
      this.#callerSignal?.removeEventListener("abort", this.#onCallerAbort);
      this.#onCallerAbort = undefined;
    }
    if (this.#over) {
      return;
    }
    this.#over = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.#attached?.abort(this.signal.reason);
    for (const endable of this.#alsoAttached ?? []) {
      endable.abort(this.signal.reason);
    }
  }

  #expire(): void {
    if (performance.now() < this.#deadlineMs - timerSlackMs) {
      // The deadline is further away than a timer can be.
      const leftMs = this.#deadlineMs - performance.now();
      this.#timer = setTimeout(
        () => this.#expire(),
        Math.min(leftMs, longestTimerMs),
      );
      return;
    }
    this.#end(
      new ConnectError("the operation timed out", Code.DeadlineExceeded),
    );
  }
}
