import type { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import {
  fromHeartbeatFilter,
  fromTimestamp,
  type HeartbeatStore,
  toBeat,
  toHeartbeatConnectError,
  toServiceHeartbeat,
} from "@both-ends/heartbeat";
import type { MethodImpl } from "@connectrpc/connect";

/** Makes the handler of ListHeartbeats. */
export function createListHeartbeats(
  store: Pick<HeartbeatStore, "listStates" | "listBeats">,
): MethodImpl<typeof HeartbeatService.method.listHeartbeats> {
  return async (request, { signal }) => {
    const filter = fromHeartbeatFilter(request.filter);
    const page = {
      serviceNames: filter.serviceNames,
      from: fromTimestamp(request.from),
      to: fromTimestamp(request.to),
      pageSize: request.pageSize,
      pageToken: request.pageToken,
    };
    try {
      const [services, { beats, nextPageToken }] = await Promise.all([
        store.listStates(filter, { signal }),
        store.listBeats(page, { signal }),
      ]);
      return {
        services: services.map(toServiceHeartbeat),
        beats: beats.map(toBeat),
        nextPageToken,
      };
    } catch (error) {
      throw toHeartbeatConnectError(error);
    }
  };
}
