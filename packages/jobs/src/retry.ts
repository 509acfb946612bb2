import { setTimeout as delay } from "node:timers/promises";
import { isDatabaseUnavailable } from "@both-ends/mongo";

/** Bounds of {@link retry}. */
export interface RetryOptions {
  /** Ends the retries. */
  readonly signal: AbortSignal;
  /** Gives up after this time. By default, never while the database is away. */
  readonly timeoutMs?: number;
  /** Gives up after so many answers that refuse. By default, 5. */
  readonly maxRefusals?: number;
  /** Told of each failure that is followed by another try. */
  onRetry?(error: unknown): void;
}

const firstDelayMs = 100;
const maxDelayMs = 1_000;

/**
 * Tries until it works: for as long as the database is away, and some times
 * when it refuses. Pauses of 100 ms at first, then twice the last, up to
 * 1 s, so that work goes on within that of the database's return. Throws the
 * last error when it gives up.
 */
export async function retry<T>(
  attempt: () => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const {
    signal,
    timeoutMs = Number.POSITIVE_INFINITY,
    maxRefusals = 5,
    onRetry,
  } = options;
  const end = performance.now() + timeoutMs;
  let refusals = 0;
  for (
    let pauseMs = firstDelayMs;
    ;
    pauseMs = Math.min(pauseMs * 2, maxDelayMs)
  ) {
    try {
      return await attempt();
    } catch (error) {
      refusals += isDatabaseUnavailable(error) ? 0 : 1;
      const late = performance.now() + pauseMs > end;
      if (signal.aborted || late || refusals >= maxRefusals) {
        throw error;
      }
      onRetry?.(error);
      await delay(pauseMs, undefined, { signal }).catch(() => {});
    }
  }
}
