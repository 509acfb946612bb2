import { createServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import {
  RevertNameRequestSchema,
  RevertNameService,
} from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";

/** A server of connect-node, and what it saw. */
export interface SampleServer {
  readonly origin: string;
  readonly port: number;
  /** Sessions so far. */
  readonly sessions: number;
  readonly openSessions: number;
  readonly openStreams: number;
  /** The request headers of the last call. */
  readonly lastHeaders: Headers;
  /** Closes it, if that did not happen, and all its sessions at once. */
  close(): Promise<void>;
}

/**
 * A connect-node server over cleartext HTTP/2, which does as the name of a
 * call tells it. It is closed after the test.
 */
export async function useSampleServer(
  t: TestContext,
  { port = 0, maxConcurrentStreams = 100 } = {},
): Promise<SampleServer> {
  const open = new Set<ServerHttp2Session>();
  let sessions = 0;
  let openStreams = 0;
  let lastHeaders = new Headers();
  const server = createServer(
    { settings: { maxConcurrentStreams } },
    connectNodeAdapter({
      routes: (router) =>
        sampleRoutes(router, (headers) => {
          lastHeaders = headers;
        }),
      readMaxBytes: 2 ** 22,
    }),
  );
  server.on("session", (session) => {
    sessions++;
    open.add(session);
    session.on("close", () => open.delete(session));
  });
  server.on("stream", (stream) => {
    openStreams++;
    stream.on("close", () => openStreams--);
  });
  const close = async () => {
    for (const session of open) {
      session.destroy();
    }
    if (server.listening) {
      await new Promise((resolve) => server.close(resolve));
    }
  };
  t.after(close);
  await new Promise<void>((resolve) =>
    server.listen(port, "127.0.0.1", () => resolve()),
  );
  // A listening TCP server has an address with a port.
  const address = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${address.port}`,
    port: address.port,
    get sessions() {
      return sessions;
    },
    get openSessions() {
      return open.size;
    },
    get openStreams() {
      return openStreams;
    },
    get lastHeaders() {
      return lastHeaders;
    },
    close,
  };
}

/** What a sample server does with the names it is given. */
export const sampleNames = [
  "Rodrigo",
  "",
  "é👍",
  "trailer",
  "no message",
  "details",
  "plain error",
  "long",
  ...Object.keys(Code).filter((name) => Number.isNaN(Number(name))),
];

function sampleRoutes(
  router: ConnectRouter,
  seen: (headers: Headers) => void,
): void {
  router.service(TimeService, {
    whatTimeIs: () => ({}),
    async *watchTime() {
      yield {};
      yield {};
    },
  });
  router.service(RevertNameService, {
    async revertName({ name }, context) {
      seen(context.requestHeader);
      context.responseHeader.set("x-answer", "yes");
      context.responseTrailer.append("x-end", "1");
      if (name in Code) {
        // Its own name leads to a number.
        const code = Number(Code[name as keyof typeof Code]);
        throw new ConnectError(`it is ${name} & "so"`, code, { "x-why": name });
      }
      switch (name) {
        case "trailer":
          context.responseTrailer.append("x-end", "2");
          context.responseTrailer.set("x-bin", "AQI");
          break;
        case "details":
          throw new ConnectError("é", Code.NotFound, { "x-a": "1" }, [
            {
              desc: RevertNameRequestSchema,
              value: create(RevertNameRequestSchema, { name }),
            },
          ]);
        case "plain error":
          throw new Error("secret");
        case "long":
          return { reversedName: "x".repeat(200_000) };
        case "wait":
          await new Promise((_, reject) => {
            context.signal.addEventListener("abort", () =>
              reject(context.signal.reason),
            );
          });
      }
      return { reversedName: [...name].reverse().join("") };
    },
  });
}
