import type { Http2Session } from "node:http2";
import type { Socket } from "node:net";

/** What handlers ask a socket under TLS. */
const tlsProperties = [
  "encrypted",
  "authorized",
  "authorizationError",
  "alpnProtocol",
  "servername",
] as const;
const tlsMethods = [
  "getPeerCertificate",
  "getPeerX509Certificate",
  "getProtocol",
  "getCipher",
] as const;

/**
 * Gives a session on a stream of bytes the address, and the client's
 * certificate, of the socket that the bytes come from.
 *
 * Node puts a socket of its own around such a stream, and asks that for both
 * addresses by these two methods.
 */
export function lendAddress(session: Http2Session, socket: Socket): void {
  const own: object = session.socket;
  const peer = {
    address: socket.remoteAddress,
    port: socket.remotePort,
    family: socket.remoteFamily,
  };
  const here = {
    address: socket.localAddress,
    port: socket.localPort,
    family: socket.localFamily,
  };
  Reflect.set(own, "_getpeername", () => peer);
  Reflect.set(own, "_getsockname", () => here);
  for (const name of tlsProperties) {
    if (name in socket) {
      Reflect.set(own, name, Reflect.get(socket, name));
    }
  }
  for (const name of tlsMethods) {
    const method: unknown = Reflect.get(socket, name);
    if (typeof method === "function") {
      Reflect.set(own, name, method.bind(socket));
    }
  }
}
