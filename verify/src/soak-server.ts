import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo, Server, Socket } from "node:net";
import type { ConnectRouter, Interceptor } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { type LaneObservation, serveFastlane } from "connectrpc-fastlane";

/** A server that listens. */
export interface ListeningServer {
  readonly baseUrl: string;
  /** Cuts all connections and stops listening. */
  close(): Promise<void>;
}

/** What a server serves. */
export interface SoakServerOptions {
  routes(router: ConnectRouter): void;
  readonly interceptors: Interceptor[];
  /** What is told of calls on the lane. By default, nothing. */
  readonly observe?: LaneObservation | undefined;
}

/** Listens on a free port of the loopback interface, for one HTTP version. */
export async function startServer(
  httpVersion: "1.1" | "2",
  options: SoakServerOptions,
): Promise<ListeningServer> {
  const handler = connectNodeAdapter(options);
  return await listen(
    httpVersion === "2"
      ? createHttp2Server(handler)
      : createServer(http1Options, handler),
  );
}

/** The same, with the fast lane. */
export async function startLaneServer(
  httpVersion: "1.1" | "2",
  { interceptors, observe, routes }: SoakServerOptions,
): Promise<ListeningServer> {
  const server =
    httpVersion === "2" ? createHttp2Server() : createServer(http1Options);
  serveFastlane(server, {
    interceptors,
    routes,
    ...(observe && { observe }),
  });
  return await listen(server);
}

/**
 * An idle connection that is cut just when it is used again would fail a call
 * that nobody abandoned.
 */
const http1Options = { keepAliveTimeout: 0 };

async function listen(server: Server): Promise<ListeningServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    close() {
      for (const socket of sockets) {
        socket.destroy();
      }
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
