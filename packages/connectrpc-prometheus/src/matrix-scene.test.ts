import type { CallOptions } from "@connectrpc/connect";
import { Registry } from "prom-client";
import { createClientMetrics } from "./client-metrics.js";
import {
  call,
  type Handle,
  type Kind,
  type Requests,
  serveKinds,
} from "./matrix-calls.test.js";
import {
  type ClientOptions,
  type Connection,
  createConnection,
  type Link,
  protocolOf,
  type ServerOptions,
} from "./matrix-link.test.js";
import { tamper, type Wire } from "./matrix-wire.test.js";
import { createServerMetrics } from "./server-metrics.js";

/** How a server counts: with `observeHandlers`, or by the interceptor alone. */
export const modes = ["observed", "alone"] as const;

/** How a server counts. */
export type Mode = (typeof modes)[number];

/** One cell of the matrix, apart from how the call ends. */
export interface Cell {
  readonly kind: Kind;
  readonly link: Link;
  readonly mode: Mode;
}

/** What a scene is made of, apart from its cell. */
export interface SceneOptions {
  /** Options of the server; its interceptors stand behind that of the metrics. */
  readonly server?: Partial<ServerOptions>;
  /** Options of the client; its interceptors stand behind that of the metrics. */
  readonly client?: ClientOptions;
  readonly wire?: Wire;
  /** The server speaks all protocols, or all but that of the link. */
  readonly protocols?: "all" | "others";
}

/** Something to wait for that happens once. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

/** A client and a server that are connected, both measured, for one call. */
export interface Scene extends Connection {
  readonly cell: Cell;
  readonly client: Registry;
  readonly server: Registry;
  /** Aborts the call. */
  readonly caller: AbortController;
  /** Aborts the `shutdownSignal` of the server. */
  readonly shutdown: AbortController;
  /** Opened by a handler that waits for something. */
  readonly waiting: Gate;
  /** Opened by the test to let a handler go on that ignores its signal. */
  readonly release: Gate;
  /** Opened when the scene closes; ends what is still open. */
  readonly over: Gate;
  /** What has arrived at the caller. */
  readonly answers: string[];
  /** Makes the call. */
  call(requests: Requests, options?: CallOptions): AsyncIterable<string>;
}

/** Creates a scene. */
export async function createScene(
  cell: Cell,
  handle: (scene: Scene) => Handle,
  options: SceneOptions,
): Promise<Scene> {
  const client = new Registry();
  const server = new Registry();
  const shutdown = new AbortController();
  const metrics = createServerMetrics({ registry: server });
  const { interceptor } = createClientMetrics({ registry: client });
  const connection = await createConnection(
    cell.link,
    {
      shutdownSignal: shutdown.signal,
      ...protocolsOf(cell, options),
      ...options.server,
      interceptors: [metrics.interceptor, ...interceptorsOf(options.server)],
      routes(router) {
        serveKinds(router, (...args) => handle(scene)(...args));
        if (cell.mode === "observed") {
          metrics.observeHandlers(router);
        }
        tamper(router, options.wire ?? {});
      },
    },
    {
      ...options.client,
      interceptors: [interceptor, ...interceptorsOf(options.client)],
    },
  );
  const scene: Scene = {
    ...connection,
    cell,
    client,
    server,
    shutdown,
    caller: new AbortController(),
    waiting: createGate(),
    release: createGate(),
    over: createGate(),
    answers: [],
    call: (requests, callOptions = {}) =>
      call(cell.kind, connection.transport, requests, callOptions),
    async close() {
      scene.over.open();
      scene.release.open();
      await connection.close();
    },
  };
  return scene;
}

function interceptorsOf(options: Pick<ClientOptions, "interceptors"> = {}) {
  return options.interceptors ?? [];
}

function protocolsOf({ link }: Cell, { protocols }: SceneOptions) {
  return protocols === "others"
    ? {
        grpc: protocolOf(link) !== "gRPC",
        grpcWeb: protocolOf(link) !== "gRPC-Web",
        connect: protocolOf(link) !== "Connect",
      }
    : {};
}

function createGate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
