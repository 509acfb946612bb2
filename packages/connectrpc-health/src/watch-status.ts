import type { HealthBoard, ServingStatus } from "./health-board.js";

/**
 * The status of one service: what it is now, then every change, until the
 * board is shut down. A service that is not known is `SERVICE_UNKNOWN` until it
 * is set. Nothing is queued: a consumer who is slow gets the newest status, and
 * never the same one twice in a row.
 *
 * Throws the signal's reason when the signal aborts.
 */
export async function* watchStatus(
  board: HealthBoard,
  service: string,
  signal: AbortSignal,
): AsyncGenerator<ServingStatus | "SERVICE_UNKNOWN", void, undefined> {
  let last: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    const status = board.get(service) ?? "SERVICE_UNKNOWN";
    if (status !== last) {
      last = status;
      yield status;
    } else if (board.isShutdown) {
      return;
    } else {
      await untilChange(board, signal);
    }
  }
}

/** Resolves when the board changes or the signal aborts. */
function untilChange(board: HealthBoard, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      unsubscribe();
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const unsubscribe = board.subscribe(wake);
    signal.addEventListener("abort", wake);
  });
}
