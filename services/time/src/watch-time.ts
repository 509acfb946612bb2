import type { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { delay } from "@both-ends/service";
import { durationMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import { currentTime } from "./what-time-is.js";

/** Handles WatchTime: a tick at once and at every interval, without drift. */
export const watchTime: ServiceImpl<typeof TimeService>["watchTime"] =
  async function* (request, { signal }) {
    const interval =
      request.interval === undefined ? 1_000 : durationMs(request.interval);
    let next = performance.now();
    while (true) {
      yield currentTime(request.timeZone);
      // A tick that came late, because the caller reads slowly, is not made up.
      next = Math.max(next + interval, performance.now());
      await delay(next - performance.now(), signal);
    }
  };
