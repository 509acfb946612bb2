import type { Server } from "node:http";

/**
 * Refuses the options of Fastify that choose a server, since a server factory
 * makes them void: an app with `https` would else speak cleartext.
 *
 * @throws Error that names the option
 */
export function refuseServerOptions(options: Record<string, unknown>): void {
  for (const name of ["http", "http2", "https"]) {
    if (options[name]) {
      throw new Error(
        `fastify's option ${name} does not go with a one port: it always speaks HTTP/1.1 and HTTP/2, and TLS with createOnePort({ tls })`,
      );
    }
  }
}

/**
 * Sets on the HTTP/1.1 server what Fastify would set on a server of its own,
 * apart from the timeouts that a one port has options for.
 */
export function applyServerOptions(
  server: Server,
  options: Record<string, unknown>,
): void {
  const { connectionTimeout, maxRequestsPerSocket } = options;
  if (typeof connectionTimeout === "number") {
    server.timeout = connectionTimeout;
  }
  if (typeof maxRequestsPerSocket === "number") {
    server.maxRequestsPerSocket = maxRequestsPerSocket;
  }
}
