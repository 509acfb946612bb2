import { setTimeout as delay } from "node:timers/promises";
import { boundedBy, TimeLimitError } from "./bounded-by.js";
import { redactUri } from "./redact-uri.js";

/** Whether a database answers. */
export interface DatabaseStatus {
  readonly up: boolean;
  /** Why it is not up, without credentials. */
  readonly reason?: string;
}

/** How to watch a database. */
export interface WatchDatabaseOptions {
  /** Asks the database for a sign of life. */
  ping: () => Promise<unknown>;
  /** Pause between two pings. */
  intervalMs: number;
  /** Longest time of one ping. */
  limitMs: number;
  /** Tells why a ping may have run out of time. By default, nothing is known. */
  explain?: () => string | undefined;
  /** Called with the first finding and each change. What it throws is dropped. */
  onChange?: ((status: DatabaseStatus) => void) | undefined;
}

/** A watch over a database. */
export interface DatabaseWatch {
  status(): DatabaseStatus;
  end(): void;
}

/** Pings a database until the watch is ended. */
export function watchDatabase(options: WatchDatabaseOptions): DatabaseWatch {
  const ended = new AbortController();
  let status: DatabaseStatus = { up: false, reason: "not reached yet" };
  let isFirst = true;
  const settle = (next: DatabaseStatus) => {
    const isNews = isFirst || next.up !== status.up;
    isFirst = false;
    status = next;
    if (isNews) {
      try {
        options.onChange?.(next);
      } catch {
        // The listener's failure is not the database's, and must not end the watch.
      }
    }
  };
  const watch = async () => {
    while (!ended.signal.aborted) {
      const next = await pingOnce(options);
      if (!ended.signal.aborted) {
        settle(next);
        await delay(options.intervalMs, undefined, { signal: ended.signal });
      }
    }
  };
  watch().catch(() => {
    // The pause was cut short by the end of the watch.
  });
  return { status: () => status, end: () => ended.abort() };
}

async function pingOnce(
  options: WatchDatabaseOptions,
): Promise<DatabaseStatus> {
  try {
    await boundedBy(options.limitMs, options.ping());
    return { up: true };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const known =
      error instanceof TimeLimitError ? options.explain?.() : undefined;
    return { up: false, reason: redactUri(known ?? message) };
  }
}
