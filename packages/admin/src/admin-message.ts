import { Role } from "@both-ends/gen/admin/v1/access_pb.js";
import { AuditOutcome } from "@both-ends/gen/admin/v1/audit_pb.js";
import type {
  RoleName,
  TokenDocument,
  UserDocument,
} from "./admin-documents.js";
import type { AuditEntry } from "./audit-log.js";
import type { Caller } from "./caller.js";
import { toTimestamp } from "./timestamp.js";

/** Turns a role into the message's. */
export function toRole(role: RoleName): Role {
  return role === "operator" ? Role.OPERATOR : Role.VIEWER;
}

/** Reads a role that was validated. */
export function fromRole(role: Role): RoleName {
  return role === Role.OPERATOR ? "operator" : "viewer";
}

/** Turns a caller into a message. */
export function toSession(caller: Caller) {
  return {
    username: caller.username,
    role: toRole(caller.role),
    tokenId: caller.by.kind === "token" ? caller.by.publicId : "",
    expiresAt: toTimestamp(caller.expiresAt),
  };
}

/** Turns a user into a message. */
export function toUser(user: Omit<UserDocument, "password">) {
  return {
    username: user._id,
    role: toRole(user.role),
    createdAt: toTimestamp(user.created_at),
    lastLoginAt: toTimestamp(user.last_login_at),
    passwordChangedAt: toTimestamp(user.password_changed_at),
  };
}

/** Turns a token into a message. */
export function toToken(token: TokenDocument) {
  return {
    id: token.public_id,
    name: token.name,
    username: token.user,
    role: toRole(token.role),
    createdAt: toTimestamp(token.created_at),
    expiresAt: toTimestamp(token.expires_at),
    lastUsedAt: toTimestamp(token.used_at),
  };
}

/** Turns an entry of the audit log into a message. */
export function toAuditEntry(entry: AuditEntry) {
  return {
    id: entry._id.toHexString(),
    time: toTimestamp(entry.at),
    username: entry.user,
    tokenId: entry.token_id ?? "",
    address: entry.address,
    service: entry.service,
    method: entry.method,
    target: entry.target,
    beforeJson: entry.before === undefined ? "" : JSON.stringify(entry.before),
    afterJson: entry.after === undefined ? "" : JSON.stringify(entry.after),
    outcome:
      entry.outcome === "done" ? AuditOutcome.DONE : AuditOutcome.UNKNOWN,
    requestId: entry.request_id ?? "",
  };
}
