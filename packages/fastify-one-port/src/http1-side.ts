import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import { type Limits, lastRequestMs } from "./limits.js";
import type { LimitListener, OnePortOptions } from "./options.js";

/** The half of a port that speaks HTTP/1.1, and TLS for both halves. */
export interface Http1Side {
  /** The server that Fastify listens on. It keeps no connection it is not given. */
  readonly server: http.Server | https.Server;
  /** Speaks HTTP/1.1 on a socket. */
  serve(socket: Socket): void;
  /**
   * Starts TLS on a socket; the server's `secureConnection` event gives the
   * result. Absent in cleartext.
   */
  readonly startTls?: (socket: Socket) => void;
  /** Lets connections with responses in progress end with the last of these. */
  drain(): void;
}

/**
 * TCP keep-alive finds the peers that vanished without a FIN while a stream
 * was open, which nothing else bounds.
 */
export const tcpOptions = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 30_000,
} as const;

/** Makes the HTTP/1.1 half of a port. */
export function createHttp1Side(
  handler: http.RequestListener,
  limits: Limits,
  tls: OnePortOptions["tls"],
  onLimit: LimitListener,
): Http1Side {
  const options: http.ServerOptions = {
    ...tcpOptions,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxHeaderSize: limits.maxHeaderSizeBytes,
    connectionsCheckingInterval: checkingIntervalMs(limits),
  };
  const server = tls
    ? https.createServer({
        handshakeTimeout: limits.prefaceTimeoutMs,
        ...tls,
        ...options,
        ALPNProtocols: ["h2", "http/1.1"],
      })
    : http.createServer(options);
  const responses = trackResponses(server, limits);
  // Who listens has to do what Node would do else.
  server.on("timeout", (socket: Socket) => {
    if (!responses.isBusy(socket)) {
      onLimit("keepAliveTimeoutMs");
    }
    socket.destroy();
  });
  server.on("request", handler);
  const accept = takeListeners(server, "connection");
  const acceptSecure = takeListeners(server, "secureConnection");
  const serveSecure = (socket: Socket) => {
    acceptSecure(socket);
    // Without a listener, Node's parser takes the bytes below the stream. While
    // an answer is still being written it is paused at the next request, but TLS
    // goes on giving it the records it has, and the parser fails: "Parse Error:
    // Paused". The stream keeps them.
    socket.on("data", () => {});
  };
  return {
    server,
    serve: tls ? serveSecure : accept,
    startTls: tls ? accept : undefined,
    drain: responses.drain,
  };
}

/** Node looks for overdue requests every 30 s unless told otherwise. */
function checkingIntervalMs(limits: Limits): number {
  const timeouts = [limits.headersTimeoutMs, limits.requestTimeoutMs];
  const shortest = Math.min(...timeouts.filter((ms) => ms > 0));
  return Math.min(1_000, Math.max(20, Math.floor(shortest / 4)));
}

/** Takes the server's own listeners off an event, for calling them by choice. */
function takeListeners(
  server: http.Server,
  event: "connection" | "secureConnection",
): (socket: Socket) => void {
  const listeners = server.listeners(event);
  server.removeAllListeners(event);
  return (socket) => {
    for (const listener of listeners) {
      Reflect.apply(listener, server, [socket]);
    }
  };
}

/** Knows which connections have a response in progress, so as to end the others. */
function trackResponses(
  server: http.Server,
  limits: Limits,
): {
  isBusy(socket: Socket): boolean;
  drain(): void;
} {
  const responses = new Map<Socket, Set<http.ServerResponse>>();
  let draining = false;
  server.on("request", ({ socket }, response) => {
    const open = responses.get(socket) ?? new Set();
    if (!responses.has(socket)) {
      responses.set(socket, open);
      socket.once("close", () => responses.delete(socket));
    }
    open.add(response);
    response.once("close", () => {
      open.delete(response);
      if (!draining || open.size > 0) {
        return;
      }
      if (response.shouldKeepAlive) {
        // Its headers have promised to keep the connection.
        server.closeIdleConnections();
      } else {
        socket.destroySoon();
      }
    });
  });
  // Node's own destroys connections as idle that still send a response, once
  // its end() has been called. Both Fastify and close() call this one.
  server.closeIdleConnections = () => {
    setTimeout(
      () => {
        for (const [socket, open] of responses) {
          if (open.size === 0) {
            socket.destroySoon();
          }
        }
      },
      Math.min(lastRequestMs, limits.shutdownGraceMs),
    );
  };
  const drain = () => {
    draining = true;
    for (const open of responses.values()) {
      // Only the last one: Node ends the connection after it, so that requests
      // pipelined behind would go without their answers.
      const last = [...open].at(-1);
      if (last !== undefined && !last.headersSent) {
        last.shouldKeepAlive = false;
      }
    }
  };
  const isBusy = (socket: Socket) => (responses.get(socket)?.size ?? 0) > 0;
  return { isBusy, drain };
}
