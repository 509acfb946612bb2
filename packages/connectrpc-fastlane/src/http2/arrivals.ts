import { errorCode } from "./frame-format.js";
import type { Stream } from "./stream.js";

/** How often requests are looked at: one timer serves all of a connection. */
const maxIntervalMs = 1_000;

/** Resets streams whose requests have not arrived whole after a time. */
export class Arrivals {
  readonly #timeoutMs: number;
  readonly #onLate: () => void;
  /** And when they began. */
  readonly #arriving = new Map<Stream, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number, onLate: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onLate = onLate;
  }

  /** A request has begun to arrive. */
  watch(stream: Stream): void {
    this.#arriving.set(stream, performance.now());
    this.#lookLater();
  }

  /** A stream is over. */
  forget(stream: Stream): void {
    this.#arriving.delete(stream);
  }

  /** The connection is over. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#arriving.clear();
  }

  #lookLater(): void {
    this.#timer ??= setTimeout(
      () => this.#look(),
      Math.min(maxIntervalMs, this.#timeoutMs),
    );
    this.#timer.unref();
  }

  #look(): void {
    this.#timer = undefined;
    const latest = performance.now() - this.#timeoutMs;
    for (const [stream, begun] of this.#arriving) {
      if (stream.remoteEnded) {
        this.#arriving.delete(stream);
      } else if (begun <= latest) {
        this.#arriving.delete(stream);
        this.#onLate();
        stream.reset(errorCode.cancel);
      }
    }
    if (this.#arriving.size > 0) {
      this.#lookLater();
    }
  }
}
