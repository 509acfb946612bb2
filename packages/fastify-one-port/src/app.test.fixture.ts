import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { waitFor } from "@both-ends/testing";
import {
  type FastifyInstance,
  type FastifyServerOptions,
  fastify,
} from "fastify";
import { createOnePort, type OnePort, type OnePortOptions } from "./index.js";

/**
 * The module of an interceptor, as its `intercept`, for running the tests with
 * somebody else who speaks HTTP/2. By default, Node does.
 */
const interceptModule = process.env.ONE_PORT_INTERCEPT;

/** An app on a one port, listening on 127.0.0.1. */
export interface TestApp {
  readonly app: FastifyInstance;
  readonly onePort: OnePort;
  readonly port: number;
  /** How many calls of `/hold` and `/trickle` wait, or have waited. */
  waiting(): number;
  /** Lets the calls that wait answer; by default, all of them. */
  release(count?: number): void;
}

/** Starts an app with the routes that the tests call; it closes with the test. */
export async function startApp(
  t: TestContext,
  options: OnePortOptions = {},
  fastifyOptions: FastifyServerOptions = {},
): Promise<TestApp> {
  const { intercept } =
    interceptModule === undefined ? {} : await import(interceptModule);
  const onePort = createOnePort({
    shutdownGraceMs: 200,
    ...(intercept && { intercept }),
    ...options,
  });
  const app = fastify({
    bodyLimit: 32 * 2 ** 20,
    ...fastifyOptions,
    serverFactory: onePort.serverFactory,
  });
  t.after(() => app.close());
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  app.get("/", async ({ raw }) => ({ version: raw.httpVersion }));
  app.get("/encrypted", async ({ raw }) => ({
    version: raw.httpVersion,
    encrypted: "encrypted" in raw.socket,
  }));
  app.post("/", async ({ raw }) => ({ version: raw.httpVersion }));
  app.post("/echo", async (request) => request.body);
  app.post("/chat", (request, reply) => {
    reply.hijack();
    request.raw.pipe(reply.raw);
  });

  const held = new Set<() => void>();
  app.get("/hold", async () => {
    await new Promise<void>((resolve) => held.add(resolve));
    return "a".repeat(2 ** 20);
  });
  app.get("/large", (_request, reply) => {
    reply.hijack();
    reply.raw.end(Buffer.alloc(16 * 2 ** 20));
  });
  app.get("/trickle", (_request, reply) => {
    reply.hijack();
    reply.raw.write("first ");
    held.add(() => reply.raw.end("last"));
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const address = app.server.address();
  return {
    app,
    onePort,
    port: typeof address === "object" ? (address?.port ?? 0) : 0,
    waiting: () => held.size,
    release(count = held.size) {
      for (const resolve of [...held].slice(0, count)) {
        resolve();
      }
    },
  };
}

/** How long a promise takes; it is an error when that is more than 8 s. */
export async function elapsedMs(promise: Promise<unknown>): Promise<number> {
  const start = performance.now();
  const ended = new AbortController();
  await Promise.race([
    promise.finally(() => ended.abort()),
    delay(8_000, undefined, { signal: ended.signal }).then(() => {
      throw new Error("still not there after 8000 ms");
    }),
  ]);
  return performance.now() - start;
}

/** Waits until the app has no connection on its own port. */
export async function noConnections({ app }: TestApp): Promise<void> {
  await waitFor("no connection", async () => {
    return await new Promise<boolean>((resolve) => {
      app.server.getConnections((_error, count) => resolve(count === 0));
    });
  });
}
