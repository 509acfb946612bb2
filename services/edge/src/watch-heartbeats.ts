import type { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import {
  fromHeartbeatFilter,
  type HeartbeatWatcher,
  toHeartbeatConnectError,
  toServiceHeartbeat,
} from "@both-ends/heartbeat";
import type { MethodImpl } from "@connectrpc/connect";

/**
 * Makes the handler of WatchHeartbeats. It ends when the caller leaves, and
 * with `unavailable` when the database is away or the watcher closes.
 */
export function createWatchHeartbeats(
  watcher: Pick<HeartbeatWatcher, "watch">,
): MethodImpl<typeof HeartbeatService.method.watchHeartbeats> {
  return async function* ({ filter }, { signal }) {
    const changes = watcher.watch(fromHeartbeatFilter(filter), { signal });
    try {
      for await (const { services, forgotten } of changes) {
        yield {
          services: services.map(toServiceHeartbeat),
          forgotten: [...forgotten],
        };
      }
    } catch (error) {
      throw toHeartbeatConnectError(error);
    }
  };
}
