import type {
  ClientSessionOptions,
  SecureClientSessionOptions,
} from "node:http2";
import { connect as connectNet, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, TLSSocket } from "node:tls";
import { Code, ConnectError } from "@connectrpc/connect";

/** The options of Node's `http2.connect()`. */
export type NodeOptions = ClientSessionOptions | SecureClientSessionOptions;

/** The name or address to connect to: that of a URL without brackets. */
function hostOf({ hostname }: URL): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}

function portOf({ port, protocol }: URL): string {
  return port !== "" ? port : protocol === "http:" ? "80" : "443";
}

/** The `:authority` of requests, which Node gives a port always. */
export function authorityOf(url: URL, options: NodeOptions): string {
  const name = "servername" in options ? options.servername : undefined;
  return `${name || url.hostname}:${portOf(url)}`;
}

/** Begins to connect, as Node's `http2.connect()` does with these options. */
export function openSocket(url: URL, options: NodeOptions): Duplex {
  if (typeof options.createConnection === "function") {
    return options.createConnection(url, options);
  }
  const host = hostOf(url);
  const port = Number(portOf(url));
  if (url.protocol === "http:") {
    return connectNet({ port, host, ...options });
  }
  return connectTls({
    port,
    host,
    servername: isIP(host) === 0 ? host : undefined,
    ...options,
    ALPNProtocols: ["h2"],
  });
}

/**
 * Calls back once the socket may be written to; not if it fails. The error is
 * that of a server that speaks another protocol.
 */
export function whenConnected(
  socket: Duplex,
  options: NodeOptions,
  callback: (error: ConnectError | undefined) => void,
): void {
  const check = () => {
    const speaksOther =
      socket instanceof TLSSocket &&
      options.createConnection === undefined &&
      socket.alpnProtocol !== "h2";
    callback(speaksOther ? withoutHttp2() : undefined);
  };
  if (socket instanceof TLSSocket) {
    // Node has both, and does not declare the second.
    if (socket.connecting || Reflect.get(socket, "secureConnecting") === true) {
      socket.once("secureConnect", check);
      return;
    }
  } else if ("connecting" in socket && socket.connecting === true) {
    socket.once("connect", check);
    return;
  }
  check();
}

/** Why there is no connection, by the error of the socket, if it has one. */
export function whyNotConnected(error: unknown): unknown {
  const refusesAlpn =
    error instanceof Error &&
    "code" in error &&
    error.code === "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL";
  return refusesAlpn
    ? withoutHttp2(error)
    : (error ?? new Error("Socket is closed"));
}

function withoutHttp2(cause?: Error): ConnectError {
  return new ConnectError(
    "the server does not offer HTTP/2 (h2, by ALPN)",
    Code.Unavailable,
    undefined,
    undefined,
    cause,
  );
}
