import { Code, ConnectError } from "@connectrpc/connect";
import {
  HeartbeatStoreUnavailableError,
  InvalidPageTokenError,
  TooManyServicesError,
} from "./heartbeat-store-error.js";

/**
 * Gives an error of the store the code that callers see, and keeps it as the
 * cause: `unavailable` when the database is away or hangs, `invalid_argument`
 * for a page token that is not ours, `resource_exhausted` for one service too
 * many. Other errors, a signal's reason too, are given back as they are.
 */
export function toHeartbeatConnectError(error: unknown): unknown {
  if (error instanceof HeartbeatStoreUnavailableError) {
    const message = "the heartbeat store is unavailable";
    return fail(message, Code.Unavailable, error);
  }
  if (error instanceof InvalidPageTokenError) {
    return fail(error.message, Code.InvalidArgument, error);
  }
  if (error instanceof TooManyServicesError) {
    return fail(error.message, Code.ResourceExhausted, error);
  }
  return error;
}

function fail(message: string, code: Code, cause: Error): ConnectError {
  return new ConnectError(message, code, undefined, undefined, cause);
}
