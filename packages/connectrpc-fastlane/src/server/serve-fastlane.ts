import type { RequestListener, Server } from "node:http";
import type {
  Http2SecureServer,
  Http2Server,
  ServerHttp2Session,
} from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Server as TlsServer } from "node:tls";
import {
  type connectNodeAdapter as Adapter,
  connectNodeAdapter,
} from "@connectrpc/connect-node";
import { checkLimits, type ServerLimits } from "../http2/server-limits.js";
import {
  createFastlane,
  type Fastlane,
  type Http2Connection,
} from "./fastlane.js";
import type { FastlaneOptions } from "./options.js";

/** Options of {@link serveFastlane}. */
export interface ServeFastlaneOptions extends FastlaneOptions {
  /** Answers requests that no RPC is for. By default, with 404. */
  fallback?: Parameters<typeof Adapter>[0]["fallback"];
  /**
   * What clients of HTTP/2 may do. By default, 250 streams at once, 16,384
   * bytes of headers, 10 s to begin, no timeout for idle connections or slow
   * requests, and 10 s for what goes on when the server closes.
   */
  limits?: Partial<ServerLimits>;
}

/**
 * Serves RPCs on a server of Node, HTTP/1.1 or HTTP/2, with or without TLS: by
 * the lane where it can, else by `connectNodeAdapter`. To be called before the
 * server listens; other listeners of its `request` event are not to answer.
 *
 * @throws RangeError for a limit out of range, which names it and its value
 */
export function serveFastlane<Options extends ServeFastlaneOptions>(
  server: Server | Http2Server | Http2SecureServer,
  options: Options,
): Fastlane<Options> {
  const limits = { ...defaultLimits, ...options.limits };
  checkLimits(limits);
  const lane = createFastlane(options);
  const handle = connectNodeAdapter(lane.options);
  // One listener for the requests of both versions, whose types know one each.
  const onRequest: RequestListener = (request, response) => {
    if (request.httpVersionMajor > 1 || !lane.http1(request, response)) {
      handle(request, response);
    }
  };
  server.on("request", onRequest);
  interceptHttp2(server, lane, limits);
  return lane;
}

/** What clients may do where the server has no limits of its own for it. */
const defaultLimits: ServerLimits = {
  maxConcurrentStreams: 250,
  maxHeaderSizeBytes: 16_384,
  prefaceTimeoutMs: 10_000,
  sessionIdleTimeoutMs: 0,
  requestTimeoutMs: 0,
  shutdownGraceMs: 10_000,
};

/** Speaks HTTP/2 on the server's sockets in Node's place. */
function interceptHttp2(
  server: Server | Http2Server | Http2SecureServer,
  lane: Fastlane,
  limits: ServerLimits,
): void {
  // Absent on servers of HTTP/1.1, present on others once they have a listener
  // for requests.
  if (server.listenerCount("stream") === 0) {
    return;
  }
  const event = server instanceof TlsServer ? "secureConnection" : "connection";
  const others = server.listeners(event);
  const serveNode = (socket: Duplex) => {
    let made: ServerHttp2Session | undefined;
    const onSession = (session: ServerHttp2Session) => {
      made = session;
    };
    server.once("session", onSession);
    for (const other of others) {
      Reflect.apply(other, server, [socket]);
    }
    // None is made for HTTP/1.1.
    server.off("session", onSession);
    return made;
  };
  const open = new Set<Http2Connection>();
  /** All of them, those of a TLS handshake that goes on too. */
  const sockets = new Set<Socket>();
  let closing = false;
  server.removeAllListeners(event);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on(event, (socket: Socket) => {
    if (
      event === "secureConnection" &&
      Reflect.get(socket, "alpnProtocol") !== "h2"
    ) {
      serveNode(socket);
      return;
    }
    // `close` follows, and is dealt with.
    socket.on("error", () => {});
    const connection = lane.http2(socket, {
      limits,
      serveNode: (bytes) => serveNode(Object.assign(bytes, h2)),
      isClosing: () => closing,
      limitArrival: () => true,
      onLimit() {},
    });
    open.add(connection);
    socket.once("close", () => open.delete(connection));
    if (closing) {
      connection.drain();
    }
  });
  const { close } = server;
  Object.assign(server, {
    close(callback?: (error?: Error) => void) {
      closing = true;
      for (const connection of open) {
        connection.drain();
      }
      const cut = setTimeout(() => {
        for (const socket of sockets) {
          socket.destroy();
        }
      }, limits.shutdownGraceMs);
      cut.unref();
      server.once("close", () => clearTimeout(cut));
      Reflect.apply(close, server, [callback]);
      return server;
    },
  });
}

/** What Node asks a socket of a secure server. */
const h2 = { alpnProtocol: "h2" };
