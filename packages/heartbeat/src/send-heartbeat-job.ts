import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import type { JobDefinition } from "@both-ends/jobs";
import { durationFromMs, timestampDate } from "@bufbuild/protobuf/wkt";
import { createClient, type Transport } from "@connectrpc/connect";

/** Whose heart beats, and where the beats go. */
export interface SendHeartbeatJobOptions {
  /** How edge is reached. */
  readonly transport: Transport;
  readonly serviceName: string;
  /** Who sends the beats: this process. */
  readonly instanceId: string;
  /** The bearer token that edge asks for. By default, none. */
  readonly token?: string | undefined;
}

const minPromiseMs = 1_000;
const maxPromiseMs = 3_600_000;
const callTimeoutMs = 5_000;

/**
 * A job that tells edge that this service is alive, every 10 s to begin with.
 * Its log tells what was sent, and how long edge took.
 * Each beat promises the next by the job's schedule, also after an admin has
 * edited it, brought to 1 s to 1 h.
 * A beat that is not stored makes the run a failure; the next run is the next
 * try.
 */
export function createSendHeartbeatJob(
  options: SendHeartbeatJobOptions,
): JobDefinition {
  const { transport, serviceName, instanceId, token } = options;
  const client = createClient(HeartbeatService, transport);
  const headers: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    name: "send-heartbeat",
    description: "Tells edge that this service is alive",
    every: "10 seconds",
    lockLifetimeMs: 15_000,
    timeoutMs: 2 * callTimeoutMs,
    async run(context) {
      const untilNextMs = context.intervalMs;
      const promiseMs = Math.min(
        Math.max(untilNextMs, minPromiseMs),
        maxPromiseMs,
      );
      if (promiseMs !== untilNextMs) {
        context.log(
          `the next beat is due in ${untilNextMs} ms, promised are ${promiseMs} ms: a beat can promise 1 s to 1 h`,
        );
      }
      context.log(
        `${serviceName} is alive, says ${instanceId}; next beat in ${promiseMs / 1_000} s`,
      );
      const sentAt = performance.now();
      const elapsed = () => `${(performance.now() - sentAt).toFixed(1)} ms`;
      try {
        const { serverTime } = await client.beatHeart(
          { serviceName, instanceId, interval: durationFromMs(promiseMs) },
          { signal: context.signal, timeoutMs: callTimeoutMs, headers },
        );
        context.log(`edge answered after ${elapsed()}`);
        return serverTime === undefined
          ? "stored"
          : `stored at ${timestampDate(serverTime).toISOString()}`;
      } catch (error) {
        context.log(`not stored after ${elapsed()}`);
        throw error;
      }
    },
  };
}
