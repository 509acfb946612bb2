import { Code, ConnectError } from "@connectrpc/connect";

/** What a caller gets for what was thrown: what was not meant for it is internal. */
export function thrownError(error: unknown): ConnectError {
  return error instanceof ConnectError
    ? error
    : new ConnectError(
        "internal error",
        Code.Internal,
        undefined,
        undefined,
        error,
      );
}
