import type {
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from "node:http";
import type { ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Limits } from "./limits.js";
import type { LimitListener } from "./options.js";

/** The port, for who speaks HTTP/2 on its sockets. */
export interface Http2Host {
  readonly limits: Limits;
  /**
   * Lets Node's own `http2` serve the app on a stream of bytes, and gives its
   * session. No limit holds on it.
   */
  serveNode(bytes: Duplex): ServerHttp2Session | undefined;
  /** Whether the app is closing: it turns late requests away. */
  isClosing(): boolean;
  /** Whether a request to this path has to arrive within `requestTimeoutMs`. */
  limitArrival(path: string): boolean;
  onLimit: LimitListener;
}

/** A connection that somebody else speaks HTTP/2 on. */
export interface Http2Connection {
  /** Ends it in order, because the app closes. */
  drain(): void;
}

/** Serves requests of its choice before Fastify sees them. */
export interface RequestInterceptor {
  /**
   * Speaks HTTP/2 on a socket in Node's place, and is held to the limits by
   * itself. Requests that it does not serve go to the app by `serveNode`.
   */
  http2?(socket: Socket, host: Http2Host): Http2Connection;
  /**
   * Takes a request of HTTP/1.1, or answers false and leaves it untouched.
   */
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
