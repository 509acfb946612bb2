import type { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import type { JobContext, JobDefinition } from "@both-ends/jobs";
import { durationFromMs, timestampDate } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import { defaultBeatIntervalMs } from "./record-beat.js";

/** Whose heart beats, and where the beats go. */
export interface SendHeartbeatJobOptions {
  readonly client: Pick<Client<typeof HeartbeatService>, "beatHeart">;
  readonly serviceName: string;
  /** Who sends the beats: this process. */
  readonly instanceId: string;
  /**
   * How long it is from this run to the next; a beat promises it, and the
   * service counts as late after twice that time. It has to follow the job's
   * schedule when an admin edits it. Brought to 1 s to 1 h, the range that a
   * beat can promise. By default, 10 s.
   */
  readonly intervalMs?: (context: JobContext) => number | Promise<number>;
}

const minPromiseMs = 1_000;
const maxPromiseMs = 3_600_000;
const callTimeoutMs = 5_000;

/**
 * A job that tells edge that this service is alive, every 10 s to begin with.
 * A beat that is not stored makes the run a failure; the next run is the next
 * try.
 */
export function createSendHeartbeatJob(
  options: SendHeartbeatJobOptions,
): JobDefinition {
  const { client, serviceName, instanceId } = options;
  const { intervalMs = () => defaultBeatIntervalMs } = options;
  return {
    name: "send-heartbeat",
    description: "Tells edge that this service is alive",
    every: "10 seconds",
    lockLifetimeMs: 15_000,
    timeoutMs: 2 * callTimeoutMs,
    async run(context) {
      const untilNextMs = await intervalMs(context);
      const promiseMs = Math.min(
        Math.max(untilNextMs, minPromiseMs),
        maxPromiseMs,
      );
      if (promiseMs !== untilNextMs) {
        context.log(
          `the next beat is due in ${untilNextMs} ms, promised are ${promiseMs} ms: a beat can promise 1 s to 1 h`,
        );
      }
      const { serverTime } = await client.beatHeart(
        { serviceName, instanceId, interval: durationFromMs(promiseMs) },
        { signal: context.signal, timeoutMs: callTimeoutMs },
      );
      return serverTime === undefined
        ? "stored"
        : `stored at ${timestampDate(serverTime).toISOString()}`;
    },
  };
}
