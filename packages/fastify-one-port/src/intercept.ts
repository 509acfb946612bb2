import type {
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from "node:http";
import type {
  Http2Server,
  IncomingHttpHeaders,
  ServerHttp2Stream,
} from "node:http2";

/** Serves requests of its choice before Fastify sees them. */
export interface RequestInterceptor {
  /**
   * Takes a stream of HTTP/2, or answers false and leaves it untouched. This
   * is before Node makes request objects, which cost more than the stream.
   * What answers before it has read the request to its end has to reset the
   * stream itself (`finishRequests` works on request objects).
   */
  http2?(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean;
  /** The same for a request of HTTP/1.1. */
  http1?(request: IncomingMessage, response: ServerResponse): boolean;
}

/**
 * Wraps a handler of HTTP/1.1 requests so that it sees those not taken. When
 * the app is closing, that is all of them: Fastify knows how to turn late ones
 * away, and how to end their connections.
 */
export function interceptHttp1(
  handler: RequestListener,
  interceptor: RequestInterceptor | undefined,
  isClosing: () => boolean,
): RequestListener {
  return interceptor?.http1 === undefined
    ? handler
    : (request, response) => {
        if (isClosing() || interceptor.http1?.(request, response) !== true) {
          handler(request, response);
        }
      };
}

/**
 * Leaves the server's listeners of `stream` those that are not taken; all of
 * them when the app is closing, as above.
 */
export function interceptHttp2(
  server: Http2Server,
  interceptor: RequestInterceptor | undefined,
  isClosing: () => boolean,
): void {
  if (interceptor?.http2 === undefined) {
    return;
  }
  const listeners = server.listeners("stream");
  server.removeAllListeners("stream");
  server.on("stream", (stream, headers, ...rest) => {
    if (isClosing() || interceptor.http2?.(stream, headers) !== true) {
      for (const listener of listeners) {
        Reflect.apply(listener, server, [stream, headers, ...rest]);
      }
    }
  });
}
