import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { createErrorInterceptor } from "./error-interceptor.js";

/**
 * Gives responses that break the protocol, such as a stream that ends inside
 * of a message, the code `internal`. connect-es says `invalid_argument` on
 * clients as on servers, which blames the request: a caller would not look at
 * the other service, and a proxy would answer 400. To be after the other
 * interceptors, so that they see the code that the caller gets.
 */
export const blameResponse: Interceptor = createErrorInterceptor((error) =>
  // Of the errors with this code, those that arrived are the server's word on
  // the request, and those of a request stream are the caller's own.
  error instanceof ConnectError &&
  error.code === Code.InvalidArgument &&
  !error.isWireError &&
  error.rawMessage.startsWith("protocol error: ")
    ? new ConnectError(
        error.rawMessage,
        Code.Internal,
        error.metadata,
        undefined,
        error,
      )
    : error,
);
