import type { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import {
  type HeartbeatStore,
  toHeartbeatConnectError,
} from "@both-ends/heartbeat";
import { durationMs, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MethodImpl } from "@connectrpc/connect";

/**
 * Makes the handler of BeatHeart. It answers when the beat is stored, or with
 * an error in bounded time, also when the database hangs.
 */
export function createBeatHeart(
  store: Pick<HeartbeatStore, "recordBeat">,
): MethodImpl<typeof HeartbeatService.method.beatHeart> {
  return async ({ serviceName, instanceId, interval }, { signal }) => {
    const intervalMs = interval && durationMs(interval);
    const beat = { serviceName, instanceId, intervalMs };
    try {
      const { time } = await store.recordBeat(beat, { signal });
      return { serverTime: timestampFromDate(time) };
    } catch (error) {
      throw toHeartbeatConnectError(error);
    }
  };
}
