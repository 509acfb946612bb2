import { type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { Histogram } from "./histogram.js";
import type { Settings } from "./options.js";
import type { Series } from "./series.js";
import { ok, type StatusCode, statusCodes } from "./spelling.js";

/**
 * One call, from its start to its end. However many ways a call may end in at
 * once (an error, an abort, a return), only the first is counted.
 */
export class Call {
  readonly #series: Series;
  readonly #settings: Settings;
  readonly #start = performance.now();
  #ended = false;
  /** Gives the labels of the call's exemplar, asked when it ends. */
  exemplar: (() => Readonly<Record<string, string>> | undefined) | undefined;

  constructor(series: Series, settings: Settings) {
    this.#series = series;
    this.#settings = settings;
    series.started++;
    series.inFlight++;
  }

  /** A message arrived. What comes after the end is of no peer, and not counted. */
  received(schema: DescMessage, message: Message): void {
    if (this.#ended) {
      return;
    }
    this.#series.received++;
    if (this.#series.receivedBytes !== undefined) {
      observeSize(this.#series.receivedBytes, schema, message);
    }
  }

  /** A message left, before the end as well. */
  sent(schema: DescMessage, message: Message): void {
    if (this.#ended) {
      return;
    }
    this.#series.sent++;
    if (this.#series.sentBytes !== undefined) {
      observeSize(this.#series.sentBytes, schema, message);
    }
  }

  /** The time since the call began, in milliseconds. */
  elapsedMs(): number {
    return performance.now() - this.#start;
  }

  /** The call is over. */
  end(status: StatusCode): void {
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    // A ConnectError may hold any number; peers read what is no status code as
    // unknown.
    const code = status >= 0 && status < statusCodes ? status : Code.Unknown;
    const { inFlight, handled, durations } = this.#series;
    this.#series.inFlight = inFlight - 1;
    handled[code] = Number(handled[code]) + 1;
    const { bounds, bucketLabel } = this.#settings;
    if (bounds !== undefined) {
      const index =
        bucketLabel === undefined
          ? 0
          : bucketLabel === "code"
            ? code
            : Number(code !== ok);
      durations[index] ??= new Histogram(bounds);
      durations[index].observe(this.elapsedMs() / 1000, this.#readExemplar());
    }
  }

  #readExemplar(): Readonly<Record<string, string>> | undefined {
    if (this.exemplar === undefined) {
      return undefined;
    }
    try {
      const labels = this.exemplar();
      // The limit of OpenMetrics 1.0, "Exemplars".
      const length = Object.entries(labels ?? {})
        .flat()
        .join("").length;
      return length > 0 && length <= 128 ? labels : undefined;
    } catch {
      // A call must not fail because its exemplar does.
      return undefined;
    }
  }
}

function observeSize(
  histogram: Histogram,
  schema: DescMessage,
  message: Message,
): void {
  try {
    histogram.observe(toBinary(schema, message).length);
  } catch {
    // What cannot be encoded has no size; whoever sends it will say so.
  }
}
