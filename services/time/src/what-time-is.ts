import type { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { formatRfc3339 } from "./rfc3339.js";

/** Handles WhatTimeIs: the current time, which no cache may keep. */
export const whatTimeIs: ServiceImpl<typeof TimeService>["whatTimeIs"] = (
  request,
  context,
) => {
  if (context.requestMethod === "GET") {
    context.responseHeader.set("cache-control", "no-store");
  }
  return currentTime(request.timeZone);
};

/**
 * The current time in both of its forms. Throws `invalid_argument` for a zone
 * that is not known.
 */
export function currentTime(timeZone: string) {
  const now = new Date();
  try {
    return {
      time: timestampFromDate(now),
      rfc3339: formatRfc3339(now, timeZone),
    };
  } catch {
    throw new ConnectError(
      `time_zone: ${JSON.stringify(timeZone)} is not an IANA time zone`,
      Code.InvalidArgument,
    );
  }
}
