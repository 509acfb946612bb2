import { EdgeService } from "@both-ends/gen/edge/v1/edge_service_pb.js";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { createClient, type Transport } from "@connectrpc/connect";
import {
  type CallOutcome,
  outcomeOfError,
  outcomeOfStatus,
} from "./call-outcome.js";

/** A kind of call that is made again and again. */
export interface LoadCall {
  readonly kind: string;
  /** Makes one, and tells what it came to. */
  make(): Promise<CallOutcome>;
}

/** Transports to the services, of one protocol. */
export interface ServiceTransports {
  /** How kinds of calls over it are called: `grpc`, `connect`, … */
  readonly protocol: string;
  /** Whether requests and responses of a stream may go on at the same time. */
  readonly fullDuplex: boolean;
  readonly edge: Transport;
  readonly revertName: Transport;
  readonly time: Transport;
}

const options = { timeoutMs: 10_000 };
const messages = 5;
const pauseMs = 10;

/** All four types of RPC, to all services. */
export function rpcCalls(transports: ServiceTransports): LoadCall[] {
  const revert = createClient(RevertNameService, transports.revertName);
  const time = createClient(TimeService, transports.time);
  const edge = createClient(EdgeService, transports.edge);
  const hearts = createClient(HeartbeatService, transports.edge);
  const delay = durationFromMs(20);
  const call = (kind: string, work: () => Promise<void>): LoadCall => ({
    kind: `${transports.protocol} ${kind}`,
    make: () => work().then(() => "answered" as const, outcomeOfError),
  });
  async function* names() {
    for (let index = 0; index < messages; index++) {
      await pause();
      yield { name: "Rodrigo" };
    }
  }
  async function* beats() {
    for await (const _ of names()) {
      yield { beat: { serviceName: "load" } };
    }
  }
  const calls = [
    call("RevertName", async () => {
      const { reversedName } = await revert.revertName(
        { name: "Rodrigo", delay },
        options,
      );
      expect(reversedName, "ogirdoR");
    }),
    call("WhatTimeIs", async () => {
      await time.whatTimeIs({}, options);
    }),
    call("WatchTime", async () => {
      const interval = durationFromMs(100);
      await readSome(time.watchTime({ interval }, options));
    }),
    call("Proxy", async () => {
      const { reversedName } = await edge.proxy({ name: "Rodrigo" }, options);
      expect(reversedName, "ogirdoR");
    }),
    call("BeatHeart", async () => {
      await hearts.beatHeart({ serviceName: "load" }, options);
    }),
    call("BeatHearts", async () => {
      const { accepted } = await hearts.beatHearts(beats(), options);
      expect(accepted, BigInt(messages));
    }),
    call("WatchHeartbeats", async () => {
      await readSome(hearts.watchHeartbeats({}, options), 1);
    }),
  ];
  if (transports.fullDuplex) {
    const bidi = call("RevertNames", async () => {
      await readSome(revert.revertNames(names(), options));
    });
    calls.push(bidi);
  }
  return calls;
}

/** The proxy over REST. */
export function restCall(edgeUrl: string): LoadCall {
  return {
    kind: "REST /proxy",
    make: async () => {
      try {
        const res = await fetch(`${edgeUrl}/proxy/Rodrigo/`, {
          signal: AbortSignal.timeout(options.timeoutMs),
        });
        await res.arrayBuffer();
        return outcomeOfStatus(res.status);
      } catch (error) {
        return outcomeOfError(error);
      }
    },
  };
}

/** Reads so many messages, fails if there are fewer, and leaves. */
async function readSome(
  stream: AsyncIterable<unknown>,
  count = messages,
): Promise<void> {
  let read = 0;
  for await (const _ of stream) {
    read += 1;
    if (read === count) {
      return;
    }
  }
  expect(read, count);
}

function expect<T>(value: T, expected: T): void {
  if (value !== expected) {
    throw new Error(`got ${value} where ${expected} was to come`);
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pauseMs));
}
