import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import {
  type Client,
  createClient,
  type Interceptor,
} from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ConformanceService } from "./gen/connectrpc/conformance/v1/service_pb.js";

/** A client of a server that answers as told; both end with the test. */
export async function connect(
  t: TestContext,
  interceptors: Interceptor[],
  answer: (stream: ServerHttp2Stream) => void,
): Promise<Client<typeof ConformanceService>> {
  const server = createServer();
  server.on("stream", answer);
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  await new Promise<void>((resolve) =>
    server.listen({ host: "127.0.0.1", port: 0 }, resolve),
  );
  t.after(() => {
    for (const session of sessions) {
      session.destroy();
    }
    server.close();
  });
  // Only a Unix socket has a string for an address.
  const { port } = server.address() as AddressInfo;
  return createClient(
    ConformanceService,
    createGrpcTransport({
      baseUrl: `http://127.0.0.1:${port}`,
      interceptors,
    }),
  );
}
