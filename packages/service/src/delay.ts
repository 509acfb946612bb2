import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits, or throws the reason of the signal as soon as it aborts: a handler
 * that threw the timer's own AbortError would answer `internal` to a caller
 * whose deadline has passed.
 */
export async function delay(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    throw signal.reason;
  }
}
