import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { createClient } from "@connectrpc/connect";
import {
  createGrpcTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";

/** What became of beats. */
export interface BeatCounts {
  /** `instance_id` of each beat whose sender was told that it is stored. */
  readonly acknowledged: readonly string[];
  /** Beats whose senders were told that they may not be stored. */
  readonly failed: number;
  /** What the last failure was. */
  readonly lastFailure: string;
  /** When the last was acknowledged, by `performance.now()`. */
  lastAcknowledgedAt(): number;
}

/** Beats that go on until they are stopped, each with an id of its own. */
export interface BeatLoad extends BeatCounts {
  /** Lets all calls come to their end. */
  stop(): Promise<void>;
}

/** Loops that beat one by one, and that send many in a stream. */
const unaryLoops = 6;
const streamLoops = 2;
const beatsPerStream = 10;
const failedPauseMs = 25;
const options = { timeoutMs: 10_000 };

/** Starts to beat. */
export function startBeats(baseUrl: string): BeatLoad {
  const sessionManager = new Http2SessionManager(baseUrl);
  const hearts = createClient(
    HeartbeatService,
    createGrpcTransport({ baseUrl, sessionManager }),
  );
  const acknowledged: string[] = [];
  let failed = 0;
  let lastFailure = "none";
  let lastAcknowledgedAt = 0;
  let stopping = false;

  const beatOnce = async (ids: readonly string[]) => {
    const [instanceId] = ids;
    await hearts.beatHeart({ serviceName: "beats", instanceId }, options);
    return ids;
  };
  const beatMany = async (ids: readonly string[]) => {
    async function* beats() {
      for (const instanceId of ids) {
        yield { beat: { serviceName: "beats", instanceId } };
      }
    }
    const { accepted } = await hearts.beatHearts(beats(), options);
    if (accepted !== BigInt(ids.length)) {
      throw new Error(`${accepted} of ${ids.length} beats were accepted`);
    }
    return ids;
  };
  const loop = async (
    count: number,
    send: (ids: readonly string[]) => Promise<readonly string[]>,
  ) => {
    while (!stopping) {
      const ids = Array.from({ length: count }, () => randomUUID());
      try {
        acknowledged.push(...(await send(ids)));
        lastAcknowledgedAt = performance.now();
      } catch (error) {
        failed += count;
        lastFailure = String(error);
        await delay(failedPauseMs);
      }
    }
  };
  const running = [
    ...Array.from({ length: unaryLoops }, () => loop(1, beatOnce)),
    ...Array.from({ length: streamLoops }, () =>
      loop(beatsPerStream, beatMany),
    ),
  ];
  return {
    acknowledged,
    get failed() {
      return failed;
    },
    get lastFailure() {
      return lastFailure;
    },
    lastAcknowledgedAt: () => lastAcknowledgedAt,
    async stop() {
      stopping = true;
      await Promise.all(running);
      sessionManager.abort();
    },
  };
}
