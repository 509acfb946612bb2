import type { HeartbeatAdminService } from "@both-ends/gen/admin/v1/heartbeat_admin_service_pb.js";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { AuditLog } from "./audit-log.js";
import { countByDate, isTimeZone } from "./count-by-date.js";
import { fromTimestamp, toTimestamp } from "./timestamp.js";

/** The part of the store of heartbeats that is used here. */
export interface HeartbeatAdminStore {
  forget(
    serviceName: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<"forgotten" | "unknown" | "beating">;
  listBeatTimes(
    beats: {
      readonly serviceNames?: readonly string[];
      readonly from?: Date | undefined;
      readonly to?: Date | undefined;
      readonly limit: number;
    },
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly Date[]>;
}

/** What looking after heartbeats needs. */
export interface HeartbeatAdminServiceOptions {
  readonly store: HeartbeatAdminStore;
  readonly audit: AuditLog;
}

// Counted in the process: the embedded database has no $dateTrunc, and reads
// each beat for a count anyway.
const maxCounted = 100_000;

/** Makes the handlers of HeartbeatAdminService. */
export function createHeartbeatAdminService({
  store,
  audit,
}: HeartbeatAdminServiceOptions): ServiceImpl<typeof HeartbeatAdminService> {
  return {
    async forgetService({ serviceName }, context) {
      const { signal } = context;
      await audit.record(context, `service:${serviceName}`, async () => {
        const result = await store.forget(serviceName, { signal });
        if (result === "unknown") {
          throw new ConnectError(
            `no service "${serviceName}" has ever beaten`,
            Code.NotFound,
          );
        }
        if (result === "beating") {
          throw new ConnectError(
            `service "${serviceName}" has beaten within the last hour`,
            Code.FailedPrecondition,
          );
        }
      });
      return {};
    },
    async countBeats(request, { signal }) {
      const { serviceNames, unit, timeZone } = request;
      const zone = timeZone === "" ? "UTC" : timeZone;
      if (!isTimeZone(zone)) {
        throw new ConnectError(
          `"${timeZone}" is not an IANA time zone`,
          Code.InvalidArgument,
        );
      }
      const times = await store.listBeatTimes(
        {
          serviceNames,
          from: fromTimestamp(request.from),
          to: fromTimestamp(request.to),
          // One more tells whether some are left out.
          limit: maxCounted + 1,
        },
        { signal },
      );
      const counts = countByDate(times.slice(0, maxCounted), unit, zone);
      return {
        counts: counts.slice(0, 1_000).map(({ from, to, count }) => ({
          from: toTimestamp(from),
          to: toTimestamp(to),
          beats: count,
        })),
        truncated: times.length > maxCounted || counts.length > 1_000,
      };
    },
  };
}
