import * as http from "node:http";
import type { Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { createConnections } from "./connections.js";
import { finishRequests } from "./finish-requests.js";
import { createHttp1Side, tcpOptions } from "./http1-side.js";
import { createHttp2Side } from "./http2-side.js";
import { interceptHttp1 } from "./intercept.js";
import type { Limits } from "./limits.js";
import type { OnePortOptions } from "./options.js";
import { requireTarget } from "./valid-target.js";

/** The servers behind one handler, and all who listen for them. */
export interface Front {
  readonly http1: http.Server;
  readonly http2: Http2Server;
  /** How many connections are open, over all listeners. */
  connectionCount(): number;
  /** Makes one more server whose connections come here. */
  createListener(): http.Server;
  /** Listens on one more address. */
  listen(address: { port: number; host: string }): Promise<AddressInfo>;
}

/** Makes the servers for a handler. Closing `http1` closes everything. */
export function createFront(
  handler: http.RequestListener,
  limits: Limits,
  options: Pick<
    OnePortOptions,
    "tls" | "onLimit" | "intercept" | "limitArrival"
  >,
): Front {
  const { tls, onLimit = () => {} } = options;
  let closing = false;
  const isClosing = () => closing;
  const serve = requireTarget(handler);
  const http1Side = createHttp1Side(
    interceptHttp1(serve, options.intercept, isClosing),
    limits,
    tls,
    onLimit,
  );
  const http2Side = createHttp2Side(serve, limits, onLimit, options, isClosing);
  const connections = createConnections(http1Side, http2Side, limits, onLimit);
  const http1 = http1Side.server;
  const listeners = new Set<http.Server>();

  const closeHttp1 = http1.close.bind(http1);
  http1.close = (callback) => {
    if (closing || !http1.listening) {
      return closeHttp1(callback);
    }
    closing = true;
    const cut = setTimeout(connections.destroyAll, limits.shutdownGraceMs);
    const closed = [http1, ...listeners].map(
      (server) => new Promise((resolve) => server.once("close", resolve)),
    );
    Promise.all(closed).then(() => {
      clearTimeout(cut);
      callback?.();
    });
    for (const listener of listeners) {
      listener.close();
    }
    connections.drain();
    return closeHttp1();
  };
  http1.closeAllConnections = connections.destroyAll;
  finishRequests(http1);
  finishRequests(http2Side.server);
  http1.on("connection", connections.accept);
  http1.on("secureConnection", connections.acceptSecure);

  const createListener = () => {
    const listener = http.createServer(tcpOptions);
    listener.removeAllListeners("connection");
    listener.on("connection", connections.accept);
    listener.on("listening", () => {
      if (closing) {
        listener.close();
      } else {
        listeners.add(listener);
      }
    });
    return listener;
  };
  return {
    http1,
    http2: http2Side.server,
    connectionCount: connections.count,
    createListener,
    async listen(address) {
      const what = `cannot listen on ${address.host}:${address.port}`;
      if (closing) {
        throw new Error(`${what}: the app is closing`);
      }
      if (!http1.listening) {
        throw new Error(`${what}: the app does not listen yet`);
      }
      const listener = createListener();
      const found = await startListening(listener, address);
      // The host may have taken its time to be looked up.
      if (closing) {
        throw new Error(`${what}: the app is closing`);
      }
      return found;
    },
  };
}

async function startListening(
  server: http.Server,
  { port, host }: { port: number; host: string },
): Promise<AddressInfo> {
  const address = await new Promise((resolve, reject) => {
    // It stays for later errors, of connections that could not be accepted.
    server.on("error", reject);
    server.once("listening", () => resolve(server.address()));
    server.listen({ port, host });
  });
  // A server that listens on a host and port has no other kind of address.
  return address as AddressInfo;
}
