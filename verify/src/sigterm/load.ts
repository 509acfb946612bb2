import { Agent } from "node:http";
import { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import {
  createConnectTransport,
  createGrpcTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { type RealSystem, urlOf } from "../real-system.js";
import {
  countOutcome,
  createOutcomeCounts,
  markResets,
  type OutcomeCounts,
} from "./call-outcome.js";
import {
  type LoadCall,
  restCall,
  rpcCalls,
  type ServiceTransports,
} from "./load-calls.js";

/** Calls of all kinds that go on until they are stopped. */
export interface Load {
  /** Lets all calls come to their end, and tells what they came to. */
  stop(): Promise<OutcomeCounts>;
}

/** Loops of each kind of call at the same time. */
const loops = 2;

/** The pause after a call, longer where nobody listens. */
const pauseMs = 3;
const refusedPauseMs = 20;

/** Starts to call all services in all ways. */
export function startLoad(system: RealSystem): Load {
  const counts = createOutcomeCounts();
  const urls = {
    edge: urlOf(system.server("edge")),
    revertName: urlOf(system.server("revert-name")),
    time: urlOf(system.server("time")),
  };
  const connections = openTransports(urls);
  const calls = [
    ...connections.transports.flatMap(rpcCalls),
    restCall(urls.edge),
  ];
  let stopping = false;
  const loop = async ({ kind, make }: LoadCall) => {
    while (!stopping) {
      const outcome = await make();
      countOutcome(counts, kind, outcome);
      await delay(outcome === "answered" ? pauseMs : refusedPauseMs);
    }
  };
  const running = calls.flatMap((call) =>
    Array.from({ length: loops }, () => loop(call)),
  );
  return {
    async stop() {
      stopping = true;
      await Promise.all(running);
      connections.close();
      return counts;
    },
  };
}

/** Whose errors say which connection was reset. */
class MarkingAgent extends Agent {
  override createConnection(
    ...args: Parameters<Agent["createConnection"]>
  ): ReturnType<Agent["createConnection"]> {
    const socket = super.createConnection(...args);
    return socket instanceof Socket ? markResets(socket) : socket;
  }
}

/** gRPC, and Connect over both versions of HTTP, each with its connections. */
function openTransports(urls: Record<"edge" | "revertName" | "time", string>): {
  transports: ServiceTransports[];
  close(): void;
} {
  const closers: (() => void)[] = [];
  const toAll = (create: (baseUrl: string) => ServiceTransports["edge"]) => ({
    edge: create(urls.edge),
    revertName: create(urls.revertName),
    time: create(urls.time),
  });
  const session = (baseUrl: string) => {
    const sessionManager = new Http2SessionManager(baseUrl);
    closers.push(() => sessionManager.abort());
    return sessionManager;
  };
  const transports = [
    {
      protocol: "gRPC",
      fullDuplex: true,
      ...toAll((baseUrl) =>
        createGrpcTransport({ baseUrl, sessionManager: session(baseUrl) }),
      ),
    },
    {
      protocol: "Connect HTTP/2",
      fullDuplex: true,
      ...toAll((baseUrl) =>
        createConnectTransport({
          baseUrl,
          httpVersion: "2",
          sessionManager: session(baseUrl),
        }),
      ),
    },
    {
      protocol: "Connect HTTP/1.1",
      fullDuplex: false,
      ...toAll((baseUrl) => {
        const agent = new MarkingAgent({ keepAlive: true });
        closers.push(() => agent.destroy());
        return createConnectTransport({
          baseUrl,
          httpVersion: "1.1",
          nodeOptions: { agent },
        });
      }),
    },
  ];
  return {
    transports,
    close() {
      for (const close of closers) {
        close();
      }
    },
  };
}
