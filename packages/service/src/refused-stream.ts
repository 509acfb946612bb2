import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { createErrorInterceptor } from "./error-interceptor.js";

/**
 * Gives calls that a server did not take the code `unavailable`: it was about
 * to end, and the stream crossed with its GOAWAY. connect-es says `internal`,
 * as it hears of the error of Node's stream before it hears of the code of
 * HTTP/2. To be after the other interceptors, so that they see the code that
 * the caller gets.
 */
export const refusedStream: Interceptor = createErrorInterceptor((error) =>
  error instanceof ConnectError &&
  error.code === Code.Internal &&
  !error.isWireError &&
  error.rawMessage.endsWith("NGHTTP2_REFUSED_STREAM")
    ? new ConnectError(
        "the server takes no more calls",
        Code.Unavailable,
        undefined,
        undefined,
        error,
      )
    : error,
);
