import type { AuditService } from "@both-ends/gen/admin/v1/audit_service_pb.js";
import type { ServiceImpl } from "@connectrpc/connect";
import { ObjectId } from "mongodb";
import { toAuditEntry } from "./admin-message.js";
import type { AuditLog } from "./audit-log.js";
import {
  defaultPageSize,
  formatPageToken,
  notOurs,
  parsePageTime,
  parsePageToken,
} from "./page-token.js";
import { fromTimestamp } from "./timestamp.js";

/** Makes the handlers of AuditService. */
export function createAuditService(
  audit: Pick<AuditLog, "list">,
): ServiceImpl<typeof AuditService> {
  return {
    async listAudit(request) {
      const { username, service, method, target } = request;
      const { pageSize = defaultPageSize, pageToken } = request;
      const found = await audit.list({
        user: username.toLowerCase(),
        service,
        method,
        target,
        from: fromTimestamp(request.from),
        to: fromTimestamp(request.to),
        before: parsePosition(pageToken),
        // One more tells whether there is a next page.
        limit: pageSize + 1,
      });
      const page = found.slice(0, pageSize);
      const last = found.length > pageSize ? page.at(-1) : undefined;
      return {
        entries: page.map(toAuditEntry),
        nextPageToken:
          last === undefined
            ? ""
            : formatPageToken(last.at.toISOString(), last._id.toHexString()),
      };
    },
  };
}

function parsePosition(pageToken: string) {
  const [time, id = ""] = parsePageToken(pageToken, 2) ?? [];
  if (time === undefined) {
    return undefined;
  }
  if (!/^[0-9a-f]{24}$/.test(id)) {
    throw notOurs(pageToken);
  }
  return { at: parsePageTime(time), id: ObjectId.createFromHexString(id) };
}
