import { setTimeout as delay } from "node:timers/promises";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { createErrorInterceptor } from "./error-interceptor.js";

/** How late a timer that is due may be, in milliseconds. */
const timerSlackMs = 10;

/**
 * Gives a call whose deadline has passed the code `deadline_exceeded`, also
 * when the server noticed first. Servers of grpc-go reset the stream with
 * CANCEL at the deadline. When that arrives in the turn of the event loop in
 * which the caller's own timer is due, connect-es says `canceled`, or finds
 * that the end of the stream is missing. To be after the other interceptors,
 * so that they see the code that the caller gets.
 */
export const keepDeadline: Interceptor = createErrorInterceptor(
  async (error, signal) => {
    if (signal.aborted || !mayBeReset(error)) {
      return error;
    }
    await delay(timerSlackMs, undefined, { signal }).catch(() => {});
    return signal.aborted ? ConnectError.from(signal.reason) : error;
  },
);

/** Whether this is how a reset looks, rather than what a server answered. */
function mayBeReset(error: unknown): boolean {
  return (
    error instanceof ConnectError &&
    !error.isWireError &&
    (error.code === Code.Canceled ||
      error.rawMessage.startsWith("protocol error: "))
  );
}
