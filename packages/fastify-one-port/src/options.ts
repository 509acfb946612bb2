import type { TlsOptions } from "node:tls";
import type { RequestInterceptor } from "./intercept.js";

/** A limit of {@link OnePortOptions} for which a connection was refused or cut. */
export type ReachedLimit =
  | "maxConnections"
  | "prefaceTimeoutMs"
  | "requestTimeoutMs"
  | "keepAliveTimeoutMs"
  | "sessionIdleTimeoutMs";

/**
 * What one port may do and how long it waits. Every field is optional; a
 * timeout of 0 means that there is none. A value that is not a whole number in
 * range is refused with a `RangeError` by `createOnePort`.
 */
export interface OnePortOptions {
  /**
   * Speaks TLS instead of cleartext, with these options of Node's TLS server:
   * `key`, `cert`, and for mutual TLS `ca`, `requestCert`,
   * `rejectUnauthorized`. HTTP/2 and HTTP/1.1 are then told apart by ALPN,
   * which is not an option here. By default, the port speaks cleartext.
   */
  tls?: Omit<TlsOptions, "ALPNProtocols" | "ALPNCallback">;
  /**
   * Cuts a connection that has not said, after this time, what it speaks: it
   * is silent, or it stops inside the four bytes that tell HTTP/2 apart,
   * inside the TLS handshake (for which 0 means Node's 120 s), before the
   * SETTINGS frame that ends the HTTP/2 preface, or before it acknowledges the
   * server's SETTINGS. By default, 10,000 ms.
   */
  prefaceTimeoutMs?: number;
  /**
   * Answers 408 to an HTTP/1.1 request whose headers are not complete after
   * this time, and closes. Looked at once a second, more often for times under
   * 4 s. By default, 60,000 ms as in Node, or `requestTimeoutMs` if that is
   * less.
   */
  headersTimeoutMs?: number;
  /**
   * Answers 408 to an HTTP/1.1 request that has not arrived whole, with its
   * body, after this time, and closes. HTTP/2 streams may rightly
   * stay open for days, and are limited as `limitArrival` says.
   * By default, Fastify's `requestTimeout` where the app sets that, else
   * 300,000 ms as in Node.
   */
  requestTimeoutMs?: number;
  /**
   * Whether an HTTP/2 request to this path has to arrive whole within
   * `requestTimeoutMs`; else its stream is reset with CANCEL. True for all but
   * the RPCs whose clients stream: a request that never arrives would hold its
   * place among the calls in flight. By default, none has to.
   */
  limitArrival?: (path: string) => boolean;
  /**
   * Closes an HTTP/1.1 connection that has been without a request for this
   * time; Node adds up to a second. By default, Fastify's `keepAliveTimeout`,
   * which is 72,000 ms: longer than the 60 s of common load balancers, so that
   * those close first.
   */
  keepAliveTimeoutMs?: number;
  /**
   * Ends an HTTP/2 session by GOAWAY when it has had no stream open and has
   * sent no frame for this time; a client that pings keeps its session. By
   * default, Fastify's `http2SessionTimeout`, which is 72,000 ms.
   */
  sessionIdleTimeoutMs?: number;
  /**
   * How many streams a client may have open in one HTTP/2 session. By default,
   * 250 as in Go's server (Node itself sets no limit).
   */
  maxConcurrentStreams?: number;
  /**
   * How large the headers of a request may be. More is answered 431 on
   * HTTP/1.1, and by a reset of the stream (ENHANCE_YOUR_CALM) on HTTP/2. By
   * default, 16,384 bytes as in Node's HTTP/1.1 server.
   */
  maxHeaderSizeBytes?: number;
  /**
   * How many connections may be open, over all listeners together; one more is
   * closed at once. By default, as many as the operating system allows.
   */
  maxConnections?: number;
  /**
   * How long calls in progress may go on once the app closes; what is left is
   * then destroyed. It is also the time a client that still reads has to close
   * its end of a connection that this end has closed. 0 cuts at once. By
   * default, 10,000 ms.
   */
  shutdownGraceMs?: number;
  /**
   * Is told of each connection that is refused or cut for one of these limits,
   * to count it. Requests that are too late or too large are `clientError`
   * events of `http1`, and TLS handshakes that fail are its `tlsClientError`.
   * By default, nobody is told.
   */
  onLimit?: (limit: ReachedLimit) => void;
  /**
   * Serves requests of its choice before Fastify sees them, as
   * `connectrpc-fastlane` does. All limits above hold for them too; hooks and
   * error handlers of the app do not. By default, Fastify gets every request.
   */
  intercept?: RequestInterceptor;
}

/** Hears of limits that were reached. */
export type LimitListener = NonNullable<OnePortOptions["onLimit"]>;
