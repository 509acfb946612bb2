import type { ConnectRouter, Interceptor } from "@connectrpc/connect";
import type { LaneObservation } from "connectrpc-fastlane";
import {
  createClientMetrics,
  createServerMetrics,
} from "connectrpc-prometheus";
import { Registry } from "prom-client";
import { type CallCounts, countCalls } from "./call-counts.js";

/** What is put on both ends of the calls. */
export interface Ends {
  readonly server: Interceptor[];
  readonly client: Interceptor[];
  /** Adds to a router what has to come after its services. */
  observe(router: ConnectRouter): void;
  /** Is told of the calls on the server's lane, if they are counted. */
  readonly observation: LaneObservation | undefined;
  /** What the ends have counted, undefined if they do not count. */
  counts(): Promise<{ server: CallCounts; client: CallCounts } | undefined>;
}

/** Ends with metrics. */
export function createMeasuredEnds(): Ends {
  const registry = new Registry();
  const server = createServerMetrics({ registry });
  const client = createClientMetrics({ registry });
  return {
    server: [server.interceptor],
    client: [client.interceptor],
    observe: server.observeHandlers,
    observation: server.observation,
    counts: async () => ({
      server: await countCalls(registry, "server"),
      client: await countCalls(registry, "client"),
    }),
  };
}

/** Ends with nothing on them, to compare with. */
export function createBareEnds(): Ends {
  return {
    server: [],
    client: [],
    observe() {},
    observation: undefined,
    counts: async () => undefined,
  };
}
