import { setImmediate } from "node:timers/promises";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import {
  type ConnectRouter,
  createClient,
  createRouterTransport,
  type Interceptor,
} from "@connectrpc/connect";
import {
  createClientMetrics,
  createServerMetrics,
} from "connectrpc-prometheus";
import { Registry } from "prom-client";
import { createNaiveInterceptor } from "./naive-interceptor.js";
import type { Variant } from "./rounds.js";

/**
 * Calls between two turns of the event loop. V8 keeps the target of a WeakRef
 * alive until then, and connect-es makes some for each call: without turns, as
 * no server ever is, the garbage collector would be all that is measured.
 */
const callsPerTurn = 16;

/** The name of the variant that the others are compared with. */
export const bothInterceptors = "both interceptors";

/** What both ends of a call have on them. */
interface Ends {
  readonly server?: Interceptor;
  readonly client?: Interceptor;
  observeHandlers?(router: ConnectRouter): void;
}

/**
 * Whole unary calls, client and server, in memory: what is left when the
 * baseline is taken off is the cost on both sides together.
 */
export function wholeCallVariants(calls: number): Variant[] {
  const registry = new Registry();
  const server = createServerMetrics({ registry });
  const client = createClientMetrics({ registry });
  const observed = new Registry();
  const { interceptor, observeHandlers } = createServerMetrics({
    registry: observed,
  });
  const observedClient = createClientMetrics({ registry: observed });
  const naive = new Registry();
  const baseline = variant("no interceptor", calls, {});
  return [
    baseline,
    {
      ...variant(bothInterceptors, calls, {
        server: server.interceptor,
        client: client.interceptor,
      }),
      baseline,
    },
    {
      ...variant("both interceptors and observeHandlers", calls, {
        server: interceptor,
        client: observedClient.interceptor,
        observeHandlers,
      }),
      baseline,
    },
    {
      ...variant("prom-client's own classes on both ends", calls, {
        server: createNaiveInterceptor("server", naive),
        client: createNaiveInterceptor("client", naive),
      }),
      baseline,
    },
  ];
}

function variant(name: string, calls: number, ends: Ends): Variant {
  const transport = createRouterTransport(
    (router) => {
      router.service(RevertNameService, {
        revertName: () => ({ reversedName: "ogirdoR" }),
      });
      ends.observeHandlers?.(router);
    },
    {
      router: { interceptors: ends.server ? [ends.server] : [] },
      transport: { interceptors: ends.client ? [ends.client] : [] },
    },
  );
  const client = createClient(RevertNameService, transport);
  return {
    name,
    calls,
    async run(count) {
      for (let i = 0; i < count; i++) {
        await client.revertName({ name: "Rodrigo" });
        if (i % callsPerTurn === 0) {
          await setImmediate();
        }
      }
    },
  };
}
