import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { EdgeService } from "@both-ends/gen/edge/v1/edge_service_pb.js";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { createClientMetrics } from "connectrpc-prometheus";
import { Registry } from "prom-client";
import type { ServiceName, System } from "./use-system.js";

/** A client of all services whose calls are observed and can be scraped. */
export interface ProofCaller {
  /** Where its metrics are, as `host:port`. */
  readonly metrics: string;
  /** Calls every method by every protocol, in success and in failure. */
  callEverything(): Promise<void>;
  /** Calls the reversal of a name, which takes some time on purpose. */
  revertSlowly(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls the reversal of a name, which may name a fault. */
  revert(name: string): Promise<void>;
  close(): void;
}

const faults = [
  "canceled unknown invalid_argument deadline_exceeded not_found",
  "already_exists permission_denied resource_exhausted failed_precondition",
  "aborted out_of_range unimplemented internal unavailable data_loss",
  "unauthenticated key_error exception",
].flatMap((line) => line.split(" "));

/** Creates the caller. It has client metrics of all call types. */
export async function createCaller(system: System): Promise<ProofCaller> {
  const registry = new Registry();
  const { interceptor } = createClientMetrics({
    registry,
    // Those of the services.
    buckets: [
      0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
      1, 2.5, 5, 10,
    ],
  });
  const transports = (service: ServiceName): Transport[] => {
    const baseUrl = `http://${system.services[service].web}`;
    // Longer than any call takes: one that hangs fails what waits for it.
    const defaultTimeoutMs = 40_000;
    const options = { baseUrl, interceptors: [interceptor], defaultTimeoutMs };
    return [
      createGrpcTransport(options),
      createGrpcWebTransport({ ...options, httpVersion: "2" }),
      createConnectTransport({ ...options, httpVersion: "2" }),
    ];
  };
  const edges = transports("edge");
  const reverters = transports("revert-name");
  const times = transports("time");
  const [first] = reverters;
  if (first === undefined) {
    throw new Error("no transport to revert-name");
  }
  const reverter = createClient(RevertNameService, first);
  const server = createServer(async (_, res) => {
    res.setHeader("content-type", registry.contentType);
    res.end(await registry.metrics());
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
  return {
    metrics: `127.0.0.1:${port}`,
    async callEverything() {
      await Promise.all([
        ...edges.map((transport) =>
          Promise.all([
            callEdge(createClient(EdgeService, transport)),
            callHeartbeats(createClient(HeartbeatService, transport)),
          ]),
        ),
        ...reverters.map((transport) =>
          callReverter(createClient(RevertNameService, transport)),
        ),
        ...times.map((transport) =>
          callTime(createClient(TimeService, transport)),
        ),
      ]);
    },
    async revertSlowly(delayMs, signal) {
      const delay = durationFromMs(delayMs);
      await reverter.revertName({ name: "Rodrigo", delay }, { signal });
    },
    async revert(name) {
      await reverter.revertName({ name });
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function callEdge(client: Client<typeof EdgeService>): Promise<void> {
  await client.proxy({ name: "Rodrigo" });
  for (const name of faults) {
    await fail(client.proxy({ name }));
  }
}

async function callReverter(
  client: Client<typeof RevertNameService>,
): Promise<void> {
  await client.revertName({ name: "Pamela" });
  for (const name of faults) {
    await fail(client.revertName({ name }));
  }
  await drain(client.revertNames(send([{ name: "Davi" }, { name: "Camila" }])));
  await fail(drain(client.revertNames(send([{ name: "aborted" }]))));
}

async function callTime(client: Client<typeof TimeService>): Promise<void> {
  await client.whatTimeIs({});
  await fail(client.whatTimeIs({ timeZone: "Nowhere/Land" }));
  await fail(drain(client.watchTime({ timeZone: "Nowhere/Land" })));
  await leave((signal) => client.watchTime({}, { signal }));
}

async function callHeartbeats(
  client: Client<typeof HeartbeatService>,
): Promise<void> {
  const beat = { serviceName: "caller", interval: { seconds: 3600n } };
  await client.beatHeart(beat);
  await fail(client.beatHeart({ serviceName: "NO SUCH NAME" }));
  await client.beatHearts(send([{ beat }]));
  const gone = new AbortController();
  const beats = client.beatHearts(sendUntil(gone.signal), {
    signal: gone.signal,
  });
  await delay(50);
  gone.abort();
  await fail(beats);
  await client.listHeartbeats({});
  await fail(client.listHeartbeats({ pageSize: -1 }));
  await leave((signal) => client.watchHeartbeats({}, { signal }));
}

/** Reads one message of an endless stream and leaves. */
async function leave(
  open: (signal: AbortSignal) => AsyncIterable<unknown>,
): Promise<void> {
  const gone = new AbortController();
  const read = async () => {
    for await (const _ of open(gone.signal)) {
      gone.abort();
    }
  };
  await fail(read());
  if (!gone.signal.aborted) {
    throw new Error("a stream ended before its first message");
  }
}

async function drain(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of messages) {
    // Read to the end.
  }
}

async function* send<T>(messages: readonly T[]): AsyncIterable<T> {
  yield* messages;
}

/** Sends nothing, and does not end, until the signal. */
async function* sendUntil(signal: AbortSignal): AsyncIterable<never> {
  await new Promise((resolve) => {
    signal.addEventListener("abort", resolve, { once: true });
  });
}

async function fail(call: Promise<unknown>): Promise<void> {
  const failed = await call.then(
    () => false,
    () => true,
  );
  if (!failed) {
    throw new Error("a call succeeded that was to fail");
  }
}
