import type { Interceptor, Transport } from "@connectrpc/connect";
import { Registry } from "prom-client";
import { createClientMetrics } from "./client-metrics.js";
import { serveKinds } from "./matrix-calls.test.js";
import {
  createTransport,
  type Link,
  listen,
  nodeLinks,
} from "./matrix-link.test.js";
import { type Mode, modes } from "./matrix-scene.test.js";
import { spoil, tamper } from "./matrix-wire.test.js";
import type { MetricsOptions } from "./options.js";
import { callId, handlePlans, refuse } from "./property-handler.test.js";
import { clientsPerLink, type Plan } from "./property-plan.test.js";
import { createServerMetrics } from "./server-metrics.js";

/** A client of the world, with connections of its own. */
export interface WorldClient {
  readonly transport: Transport;
  /** When its connections were last destroyed. */
  readonly cutAt: number;
  /** Destroys its connections. */
  cut(): void;
  /** Destroys its connections, and makes no more. */
  close(): void;
}

/** What one side counted of one call. */
export type Counted = Readonly<Record<string, number>>;

/** Servers and clients for all links, with one registry for each way to count. */
export interface World {
  clientOf(plan: Pick<Plan, "link" | "mode" | "client">): WorldClient;
  /** Destroys all connections. */
  hangUp(): void;
  /** What each side counted, by call, without zeros. */
  counted(side: "client" | "server"): Promise<Map<number, Counted>>;
  close(): Promise<void>;
}

/** Creates the world for some plans. */
export async function createWorld(plans: readonly Plan[]): Promise<World> {
  const client = new Registry();
  const servers = { observed: new Registry(), alone: new Registry() };
  const { interceptor } = createClientMetrics(optionsFor(client));
  const clients = new Map<string, WorldClient>();
  const closing: (() => Promise<void>)[] = [];
  for (const mode of modes) {
    const serve = createServe(plans, mode, servers[mode]);
    for (const version of ["HTTP/1.1", "HTTP/2"] as const) {
      const listener = await serve(version);
      closing.push(listener.close);
      for (const link of nodeLinks.filter((l) => l.endsWith(version))) {
        for (let i = 0; i < clientsPerLink; i++) {
          const to = createWorldClient(link, listener.port, interceptor);
          clients.set(`${link} ${mode} ${i}`, to);
        }
      }
    }
  }
  return {
    clientOf({ link, mode, client: i }) {
      const found = clients.get(`${link} ${mode} ${i}`);
      if (found === undefined) {
        throw new Error(`no client ${i} for ${link}, ${mode}`);
      }
      return found;
    },
    hangUp() {
      for (const { cut } of clients.values()) {
        cut();
      }
    },
    async counted(side) {
      const calls = new Map<number, Record<string, number>>();
      const registries = side === "client" ? [client] : Object.values(servers);
      for (const registry of registries) {
        await addSamples(registry, side, calls);
      }
      return calls;
    },
    async close() {
      for (const { close } of clients.values()) {
        close();
      }
      await Promise.all(closing.map((close) => close()));
    },
  };
}

function optionsFor(registry: Registry): MetricsOptions {
  return {
    registry,
    buckets: [1],
    callLabels: {
      names: ["call"],
      values: ({ header }) => ({ call: header.get(callId) ?? "" }),
      maxCombinations: 10_000_000,
    },
  };
}

/** Starts servers that do what the plans say, and count in one registry. */
function createServe(plans: readonly Plan[], mode: Mode, registry: Registry) {
  const metrics = createServerMetrics(optionsFor(registry));
  return (version: "HTTP/1.1" | "HTTP/2") =>
    listen(`Connect, ${version}`, {
      interceptors: [metrics.interceptor, refuse(plans)],
      routes(router) {
        serveKinds(router, handlePlans(plans));
        if (mode === "observed") {
          metrics.observeHandlers(router);
        }
        tamper(router, { request: spoil });
      },
    });
}

function createWorldClient(
  link: Link,
  port: number,
  interceptor: Interceptor,
): WorldClient {
  const { transport, sockets, close } = createTransport(link, port, {
    interceptors: [interceptor],
  });
  let cutAt = Number.NEGATIVE_INFINITY;
  const cut = () => {
    cutAt = performance.now();
    for (const socket of sockets) {
      socket.destroy();
    }
  };
  return {
    transport: {
      unary: transport.unary,
      stream(...args) {
        const response = transport.stream(...args);
        // Of a response that is never read nobody handles the error.
        response.catch(() => {});
        return response;
      },
    },
    get cutAt() {
      return cutAt;
    },
    cut,
    close() {
      cut();
      close();
    },
  };
}

/** Adds the samples of a registry, by the call that their label names. */
async function addSamples(
  registry: Registry,
  side: string,
  calls: Map<number, Record<string, number>>,
): Promise<void> {
  for (const metric of await registry.getMetricsAsJSON()) {
    // prom-client's type leaves out `metricName`, which histograms have.
    const values = metric.values as {
      metricName?: string;
      value: number;
      labels: Record<string, string | undefined>;
    }[];
    for (const { metricName = metric.name, value, labels } of values) {
      if (/_(bucket|sum)$/.test(metricName) || value === 0) {
        continue;
      }
      const id = Number(labels.call);
      const call = calls.get(id) ?? {};
      calls.set(id, call);
      const name = metricName.slice(`grpc_${side}_`.length);
      const code = labels.grpc_code === undefined ? "" : ` ${labels.grpc_code}`;
      call[`${name}${code}`] = value;
    }
  }
}
