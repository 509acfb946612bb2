import { Agent, createServer as createHttp1 } from "node:http";
import {
  type ClientHttp2Stream,
  createServer as createHttp2,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { createRouterTransport, type Transport } from "@connectrpc/connect";
import {
  type ConnectTransportOptions,
  connectNodeAdapter,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import {
  createConnectTransport as createConnectWeb,
  createGrpcWebTransport as createGrpcWebWeb,
} from "@connectrpc/connect-web";

/**
 * The ways of connect-node's clients. There is none for gRPC over HTTP/1.1.
 */
export const nodeLinks = [
  "gRPC, HTTP/2",
  "gRPC-Web, HTTP/1.1",
  "gRPC-Web, HTTP/2",
  "Connect, HTTP/1.1",
  "Connect, HTTP/2",
] as const;

/** All ways that a call can take; those by fetch are connect-web's. */
export const links = [
  ...nodeLinks,
  "gRPC-Web, fetch",
  "Connect, fetch",
  "Connect, memory",
] as const;

/** A protocol over a version of HTTP, by fetch, or over no network at all. */
export type Link = (typeof links)[number];

/** The protocol of a link. */
export function protocolOf(link: Link): "gRPC" | "gRPC-Web" | "Connect" {
  return link.startsWith("Connect,")
    ? "Connect"
    : link.startsWith("gRPC,")
      ? "gRPC"
      : "gRPC-Web";
}

/** What carries the calls of a link. */
export function carrierOf(
  link: Link,
): "HTTP/1.1" | "HTTP/2" | "fetch" | "memory" {
  const [, carrier] = link.split(", ");
  return carrier === "HTTP/2" || carrier === "fetch" || carrier === "memory"
    ? carrier
    : "HTTP/1.1";
}

/** Options of a server. */
export type ServerOptions = Parameters<typeof connectNodeAdapter>[0];

/** Options of a client that all links have. */
export type ClientOptions = Partial<
  Pick<
    ConnectTransportOptions,
    | "acceptCompression"
    | "compressMinBytes"
    | "interceptors"
    | "readMaxBytes"
    | "sendCompression"
    | "useBinaryFormat"
    | "useHttpGet"
  >
>;

/** A client that is connected to a server. */
export interface Connection {
  readonly transport: Transport;
  /** The sockets of the client; none by fetch and in memory. */
  readonly sockets: ReadonlySet<Socket>;
  /** The HTTP/2 streams of the last call, and the server's session. */
  readonly http2: Http2Parts;
  /** Ends both sides, and whatever is open between them. */
  close(): Promise<void>;
}

/** What a test may take hold of in an HTTP/2 connection. */
export interface Http2Parts {
  client?: ClientHttp2Stream;
  server?: ServerHttp2Stream;
  session?: ServerHttp2Session;
}

/** Starts a server on a port of its own, and connects a client to it. */
export async function createConnection(
  link: Link,
  serverOptions: ServerOptions,
  clientOptions: ClientOptions,
): Promise<Connection> {
  const http2: Http2Parts = {};
  if (carrierOf(link) === "memory") {
    const { routes, ...router } = serverOptions;
    const transport = createRouterTransport(routes, {
      router,
      transport: clientOptions,
    });
    return { transport, sockets: new Set(), http2, close: async () => {} };
  }
  const { server, port, close } = await listen(link, serverOptions);
  server.on("session", (session) => {
    http2.session = session;
  });
  server.on("stream", (stream) => {
    http2.server = stream;
  });
  const client = createTransport(link, port, clientOptions, http2);
  return {
    ...client,
    http2,
    async close() {
      client.close();
      await close();
    },
  };
}

/** Starts the server of a link. */
export async function listen(link: Link, options: ServerOptions) {
  const adapter = connectNodeAdapter(options);
  const server: Server =
    carrierOf(link) === "HTTP/2" ? createHttp2(adapter) : createHttp1(adapter);
  const accepted = new Set<Socket>();
  server.on("connection", (socket) => accepted.add(socket));
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve()),
  );
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    server,
    port,
    async close() {
      for (const socket of accepted) {
        socket.destroy();
      }
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A client, with its sockets. */
export type Client = Pick<Connection, "transport" | "sockets"> & {
  close(): void;
};

/** Creates the client of a link, and notes the HTTP/2 streams of its calls. */
export function createTransport(
  link: Link,
  port: number,
  options: ClientOptions,
  http2: Http2Parts = {},
): Client {
  const baseUrl = `http://127.0.0.1:${port}`;
  const isConnect = protocolOf(link) === "Connect";
  const create = isConnect ? createConnectTransport : createGrpcWebTransport;
  const sockets = new Set<Socket>();
  const open = () => {
    const socket = connect(port, "127.0.0.1");
    sockets.add(socket);
    return socket;
  };
  if (carrierOf(link) === "fetch") {
    const createWeb = isConnect ? createConnectWeb : createGrpcWebWeb;
    const transport = createWeb({
      // Connect by fetch speaks JSON by default.
      useBinaryFormat: true,
      ...options,
      baseUrl,
    });
    return { transport, sockets, close() {} };
  }
  if (carrierOf(link) === "HTTP/1.1") {
    const agent = new Agent({ keepAlive: true });
    Object.assign(agent, { createConnection: open });
    const transport = create({
      ...options,
      baseUrl,
      httpVersion: "1.1",
      nodeOptions: { agent },
    });
    return { transport, sockets, close: () => agent.destroy() };
  }
  const manager = new Http2SessionManager(
    baseUrl,
    {},
    { createConnection: open },
  );
  const sessionManager = {
    authority: manager.authority,
    notifyResponseByteRead: manager.notifyResponseByteRead.bind(manager),
    async request(...args: Parameters<Http2SessionManager["request"]>) {
      http2.client = await manager.request(...args);
      return http2.client;
    },
  };
  const shared = { ...options, baseUrl, sessionManager };
  const transport =
    protocolOf(link) === "gRPC"
      ? createGrpcTransport(shared)
      : create({ ...shared, httpVersion: "2" });
  return { transport, sockets, close: () => manager.abort() };
}
