import type {
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from "node:http";
import { Http2ServerRequest, type Http2ServerResponse } from "node:http2";

/**
 * Wraps a handler of HTTP/2 requests so that it never sees those that the
 * client has reset in the packet that made them. A handler costs many times
 * what the packet does: by resets, clients would get around the limit on
 * streams and keep a server busy with calls that nobody waits for
 * (CVE-2023-44487).
 */
export function skipReset(handler: RequestListener): RequestListener {
  return (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ) => {
    // Node empties the queues of microtasks and ticks after each frame, so
    // this is the first moment after all of the packet.
    setImmediate(() => {
      if (!(request instanceof Http2ServerRequest && request.stream.closed)) {
        Reflect.apply(handler, undefined, [request, response]);
      }
    });
  };
}
