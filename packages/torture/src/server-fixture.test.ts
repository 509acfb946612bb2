import { createServer } from "node:http2";
import { createServer as createTcpServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { TortureOptions } from "./options.js";

/** Options that call RevertName alone, over gRPC, at one server. */
export function onlyRevertName(url: string): TortureOptions {
  return {
    targets: { "revert-name": url },
    methods: ["RevertName"],
    protocols: ["grpc"],
    faultRatio: 0,
    seed: 1,
  };
}

/** Starts a gRPC server of RevertName, which ends with the test. */
export async function startRevertName(
  t: TestContext,
  answer: (name: string) => Promise<string> | string,
): Promise<string> {
  const server = createServer(
    connectNodeAdapter({
      routes(router) {
        router.service(RevertNameService, {
          revertName: async ({ name }) => ({
            reversedName: await answer(name),
          }),
        });
      },
    }),
  );
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  t.after(async () => {
    for (const session of sessions) {
      session.destroy();
    }
    await new Promise((resolve) => server.close(resolve));
  });
  return await listen(server);
}

/** Starts a server that takes connections and never answers. */
export async function startSilentServer(t: TestContext): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.resume();
  });
  t.after(async () => {
    for (const socket of sockets) {
      socket.destroy();
    }
    await new Promise((resolve) => server.close(resolve));
  });
  return await listen(server);
}

/** Reverses plain letters. */
export function reverse(name: string): string {
  return [...name].reverse().join("");
}

async function listen(
  server: ReturnType<typeof createTcpServer>,
): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return `http://127.0.0.1:${port}`;
}
