import { isDatabaseUnavailable } from "@both-ends/mongo";
import { HeartbeatStoreUnavailableError } from "./heartbeat-store-error.js";

/** How long to wait for the database. */
export interface ReachOptions {
  /** Gives up when it aborts, with its reason. By default, there is none. */
  readonly signal?: AbortSignal | undefined;
  /** Gives up after this time. */
  readonly timeoutMs: number;
}

/**
 * Waits for work on the database, but not for ever: most of the driver's calls
 * take neither a signal nor an overall time limit. Work that is given up goes
 * on unheard, until the limits of the connection end it.
 *
 * Throws the signal's reason, or a HeartbeatStoreUnavailableError with the
 * driver's error as its cause; other errors as they are.
 */
export async function reachDatabase<T>(
  work: () => Promise<T>,
  { signal, timeoutMs }: ReachOptions,
): Promise<T> {
  signal?.throwIfAborted();
  return await new Promise<T>((resolve, reject) => {
    const onAbort = () => settle(() => reject(signal?.reason));
    const timer = setTimeout(
      () => settle(() => reject(noAnswer(timeoutMs))),
      timeoutMs,
    );
    function settle(how: () => void): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      how();
    }
    signal?.addEventListener("abort", onAbort, { once: true });
    work().then(
      (result) => settle(() => resolve(result)),
      (error: unknown) => settle(() => reject(nameIfUnavailable(error))),
    );
  });
}

function noAnswer(timeoutMs: number): Error {
  return new HeartbeatStoreUnavailableError(
    `the heartbeat database did not answer within ${timeoutMs} ms`,
  );
}

function nameIfUnavailable(error: unknown): unknown {
  return isDatabaseUnavailable(error)
    ? new HeartbeatStoreUnavailableError(
        "the heartbeat database is unavailable",
        { cause: error },
      )
    : error;
}
