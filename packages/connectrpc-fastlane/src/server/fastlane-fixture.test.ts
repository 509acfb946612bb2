import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  createClient,
  type HandlerContext,
  type Transport,
} from "@connectrpc/connect";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { type FastifyInstance, fastify } from "fastify";
import { createOnePort } from "fastify-one-port";
import { createFastlane } from "./fastlane.js";
import type { FastlaneOptions } from "./options.js";

/**
 * Routes that reverse names; the name `fail` fails, `wait` waits for the end.
 * The time zone `many` has twenty long times.
 */
export function addRoutes(router: ConnectRouter): void {
  router.service(RevertNameService, {
    async revertName({ name }, context) {
      await act(name, context);
      return { reversedName: [...name].reverse().join("") };
    },
    async *revertNames(requests, context) {
      for await (const { name } of requests) {
        await act(name, context);
        yield { reversedName: [...name].reverse().join("") };
      }
    },
  });
  router.service(TimeService, {
    async *watchTime({ timeZone }, context) {
      if (timeZone === "many") {
        for (let i = 0; i < 20; i++) {
          yield { rfc3339: String(i).repeat(30_000) };
        }
        return;
      }
      yield { rfc3339: "1" };
      await act(timeZone, context);
      yield { rfc3339: "2" };
    },
  });
  router.service(HeartbeatService, {});
}

async function act(name: string, context: HandlerContext): Promise<void> {
  context.responseHeader.set("x-name", encodeURIComponent(name.slice(0, 99)));
  if (name === "fail") {
    throw new ConnectError("on purpose", Code.OutOfRange, { "x-why": "asked" });
  }
  if (name === "wait") {
    const { signal } = context;
    await new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  }
}

/** Starts a Fastify app on one port, with a lane before it. */
export async function startApp(
  t: TestContext,
  more: Partial<FastlaneOptions> = {},
  addPages: (app: FastifyInstance) => unknown = () => {},
) {
  let added = 0;
  const lane = createFastlane({
    readMaxBytes: 100_000,
    ...more,
    routes(router: ConnectRouter) {
      added++;
      addRoutes(router);
      more.routes?.(router);
    },
  });
  const onePort = createOnePort({ intercept: lane, shutdownGraceMs: 5_000 });
  const app = fastify({ serverFactory: onePort.serverFactory });
  app.get("/", async () => "hello");
  addPages(app);
  await app.register(fastifyConnectPlugin, lane.options);
  await app.listen({ host: "127.0.0.1", port: 0 });
  t.after(() => app.close());
  // A TCP server's address is no string.
  const { port } = app.server.address() as AddressInfo;
  return {
    lane,
    app,
    port,
    baseUrl: `http://127.0.0.1:${port}`,
    added: () => added,
  };
}

/** Real clients by the protocol that they speak. */
export function createTransports(baseUrl: string): Record<string, Transport> {
  const h2 = { baseUrl, httpVersion: "2" } as const;
  const h1 = { baseUrl, httpVersion: "1.1" } as const;
  return {
    gRPC: createGrpcTransport({ baseUrl }),
    "gRPC in JSON": createGrpcTransport({ baseUrl, useBinaryFormat: false }),
    "Connect on HTTP/2": createConnectTransport(h2),
    "Connect on HTTP/1.1": createConnectTransport({
      ...h1,
      useBinaryFormat: false,
    }),
    "Connect GET": createConnectTransport({ ...h1, useHttpGet: true }),
    "gRPC-Web": createGrpcWebTransport(h1),
  };
}

/** Clients of the services that the routes have. */
export function createClients(transport: Transport) {
  return {
    names: createClient(RevertNameService, transport),
    time: createClient(TimeService, transport),
  };
}
