import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { readFirstBytes } from "./first-bytes.js";
import type { Http1Side } from "./http1-side.js";
import type { Http2Side } from "./http2-side.js";
import { type Limits, lastRequestMs } from "./limits.js";
import type { LimitListener } from "./options.js";

/** All connections of a port, of whichever listener. */
export interface Connections {
  /** How many there are. */
  count(): number;
  /** Takes a socket as a listener gives it, below TLS. */
  accept(socket: Socket): void;
  /** Takes a socket as TLS gives it, after the handshake. */
  acceptSecure(socket: TLSSocket): void;
  /** Ends what is idle or silent, and lets calls in progress finish. */
  drain(): void;
  /** Ends everything at once. */
  destroyAll(): void;
}

/** Takes in connections and brings each to the side that speaks its protocol. */
export function createConnections(
  http1: Http1Side,
  http2: Http2Side,
  limits: Limits,
  onLimit: LimitListener,
): Connections {
  const open = new Set<Socket>();
  const undecided = new Set<Socket>();
  let drained = false;

  const route = (socket: Socket, overTls: boolean) => {
    undecided.add(socket);
    const forget = () => undecided.delete(socket);
    socket.once("close", forget);
    readFirstBytes(socket, limits.prefaceTimeoutMs, {
      decided(protocol) {
        forget();
        socket.off("close", forget);
        // Under TLS, HTTP/2 is what ALPN has agreed on and nothing else.
        const side = protocol === "http2" && !overTls ? http2 : http1;
        side.serve(socket);
      },
      timedOut: () => onLimit("prefaceTimeoutMs"),
    });
  };
  return {
    count: () => open.size,
    accept(socket) {
      if (open.size >= limits.maxConnections) {
        onLimit("maxConnections");
        socket.destroy();
        return;
      }
      open.add(socket);
      socket.once("close", () => open.delete(socket));
      socket.on("error", ignore);
      if (http1.startTls) {
        socket.allowHalfOpen = false;
        http1.startTls(socket);
      } else {
        route(socket, false);
      }
    },
    acceptSecure(socket) {
      socket.on("error", ignore);
      // The handshake may have begun before.
      if (drained) {
        socket.destroy();
        return;
      }
      if (socket.alpnProtocol === "h2") {
        http2.serve(socket);
      } else {
        route(socket, true);
      }
    },
    drain() {
      http1.drain();
      http2.drain();
      // The first request of a new connection may be on its way.
      setTimeout(
        () => {
          drained = true;
          for (const socket of undecided) {
            socket.destroy();
          }
          for (const socket of open) {
            // Silent, and below TLS, where it is not among the undecided yet.
            if (socket.bytesRead === 0) {
              socket.destroy();
            }
          }
        },
        Math.min(lastRequestMs, limits.shutdownGraceMs),
      );
    },
    destroyAll() {
      for (const socket of open) {
        socket.destroy();
      }
    },
  };
}

/**
 * The `error` of a socket says that a client has gone; `close` follows and is
 * dealt with. Unheard, it would end the process.
 */
function ignore(): void {}
