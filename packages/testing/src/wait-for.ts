import { setTimeout as delay } from "node:timers/promises";

/** Bounds of {@link waitFor}. */
export interface WaitForOptions {
  /** Gives up after this time. By default, 10 s. */
  timeoutMs?: number;
  /** Pause between two probes. By default, 25 ms. */
  intervalMs?: number;
}

/**
 * Probes until the probe returns something other than `undefined` or `false`,
 * and returns that. A probe that throws is tried again; when the time is up,
 * the error says what was waited for and what failed last.
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | false | undefined> | T | false | undefined,
  options: WaitForOptions = {},
): Promise<T> {
  const { timeoutMs = 10_000, intervalMs = 25 } = options;
  const end = performance.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const result = await probe();
      if (result !== undefined && result !== false) {
        return result;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await delay(intervalMs);
  } while (performance.now() < end);
  const last = cause instanceof Error ? `: ${cause.message}` : "";
  throw new Error(`gave up after ${timeoutMs} ms waiting for ${what}${last}`, {
    cause,
  });
}
