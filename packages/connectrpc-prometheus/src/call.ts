import type { MethodSeries } from "./series.js";
import type { StatusCode } from "./spelling.js";

/**
 * One call, from its start to its end. However many ways a call may end in at
 * once (an error, an abort, a return), only the first is counted.
 */
export class Call {
  readonly #series: MethodSeries;
  readonly #bounds: readonly number[];
  readonly #start = performance.now();
  #ended = false;

  constructor(series: MethodSeries, bounds: readonly number[]) {
    this.#series = series;
    this.#bounds = bounds;
    series.started++;
    series.inFlight++;
  }

  /** A message arrived. */
  received(): void {
    this.#series.received++;
  }

  /** A message left. */
  sent(): void {
    this.#series.sent++;
  }

  /** The time since the call began, in milliseconds. */
  elapsedMs(): number {
    return performance.now() - this.#start;
  }

  /** The call is over. */
  end(code: StatusCode): void {
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    const series = this.#series;
    const seconds = this.elapsedMs() / 1000;
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && seconds > Number(bounds[bucket])) {
      bucket++;
    }
    series.inFlight--;
    series.handled[code] = Number(series.handled[code]) + 1;
    series.buckets[bucket] = Number(series.buckets[bucket]) + 1;
    series.sum += seconds;
  }
}
