import type { Server } from "node:http";
import type { Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import type { FastifyServerFactory } from "fastify";
import { applyServerOptions, refuseServerOptions } from "./fastify-options.js";
import { createFront, type Front } from "./front.js";
import { resolveLimits } from "./limits.js";
import type { OnePortOptions } from "./options.js";

/** One port that speaks HTTP/1.1 and HTTP/2, for one Fastify app. */
export interface OnePort {
  /**
   * Fastify's `serverFactory` option. The app's `listen`, `inject` and `close`
   * work as ever, and its routes see requests of both protocols.
   *
   * It throws when the app also sets `http`, `https` or `http2`, which would
   * be void, and when a second app is given the same one port.
   */
  readonly serverFactory: FastifyServerFactory;
  /**
   * The server that the app listens on, which speaks HTTP/1.1: `app.server`.
   * Reading it throws until the app is made.
   */
  readonly http1: Server;
  /**
   * The server that speaks HTTP/2. It never listens itself; its `session` and
   * `stream` events come before Fastify sees a request. Reading it throws
   * until the app is made.
   */
  readonly http2: Http2Server;
  /** How many connections are open, over all listeners. 0 until there is one. */
  readonly connectionCount: number;
  /**
   * Listens on one more address, with the same handler and limits, until the
   * app closes. Port 0 takes a free one. Rejects when the port cannot be had,
   * when the app does not listen yet, and when it is closing.
   */
  listen(address: { port: number; host: string }): Promise<AddressInfo>;
}

/**
 * Makes one port for one Fastify app. In cleartext, HTTP/2 with prior
 * knowledge is told apart by the first bytes of its connection preface
 * (RFC 9113, 3.4); under TLS, ALPN says which protocol it is.
 *
 * Timeouts and limits of the port are those of {@link OnePortOptions}; where
 * one is not given, Fastify's option of that meaning holds.
 *
 * @throws RangeError for an option out of range
 */
export function createOnePort(options: OnePortOptions = {}): OnePort {
  resolveLimits(options);
  let front: Front | undefined;
  let served: unknown;
  const madeFront = () => {
    if (front === undefined) {
      throw new Error(
        "the one port has no server yet: pass its serverFactory to fastify first",
      );
    }
    return front;
  };
  return {
    serverFactory(handler, fastifyOptions) {
      if (front === undefined) {
        refuseServerOptions(fastifyOptions);
        const limits = resolveLimits(options, fastifyOptions);
        front = createFront(handler, limits, options);
        served = handler;
        applyServerOptions(front.http1, fastifyOptions);
        return front.http1;
      }
      if (handler !== served) {
        throw new Error(
          "the one port serves another app: call createOnePort once for each",
        );
      }
      // Fastify may ask again, for a further address of "localhost".
      return front.createListener();
    },
    get http1() {
      return madeFront().http1;
    },
    get http2() {
      return madeFront().http2;
    },
    get connectionCount() {
      return front?.connectionCount() ?? 0;
    },
    listen: async (address) => await madeFront().listen(address),
  };
}
