import { once } from "node:events";
import { createServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { HealthBoard, HealthListener } from "./health-board.js";
import { createHealthRoutes } from "./health-routes.js";

/**
 * Serves the health of a board over HTTP/2 in cleartext until the test ends.
 * `close` drains: it waits for open streams.
 */
export async function serve(t: TestContext, board: HealthBoard) {
  const server = createServer(
    connectNodeAdapter({ routes: createHealthRoutes(board) }),
  );
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  t.after(() => {
    for (const session of sessions) {
      session.destroy();
    }
    server.close();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  // Not a string: it listens on TCP.
  const { port } = server.address() as AddressInfo;
  const address = `127.0.0.1:${port}`;
  return {
    address,
    baseUrl: `http://${address}`,
    async close(): Promise<void> {
      const closed = once(server, "close");
      server.close();
      for (const session of sessions) {
        session.close();
      }
      await closed;
    },
  };
}

/** From now on, counts the listeners that a board has. */
export function countListeners(board: HealthBoard): () => number {
  const { subscribe } = board;
  let listeners = 0;
  board.subscribe = (listener: HealthListener) => {
    const unsubscribe = subscribe(listener);
    listeners++;
    return () => {
      unsubscribe();
      listeners--;
    };
  };
  return () => listeners;
}
