import type { TokenService } from "@both-ends/gen/admin/v1/token_service_pb.js";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { TokenDocument } from "./admin-documents.js";
import { fromRole, toToken } from "./admin-message.js";
import type { AuditLog } from "./audit-log.js";
import { callerOf } from "./caller.js";
import {
  defaultPageSize,
  formatPageToken,
  parsePageTime,
  parsePageToken,
} from "./page-token.js";
import { fromDuration } from "./timestamp.js";
import type { TokenStore } from "./token-store.js";

/** What managing tokens needs. */
export interface TokenServiceOptions {
  readonly tokens: TokenStore;
  readonly audit: AuditLog;
  readonly now: () => Date;
}

const defaultLifetimeMs = 30 * 24 * 3_600_000;
const maxTokens = 100;

/** Makes the handlers of TokenService. */
export function createTokenService({
  tokens,
  audit,
  now,
}: TokenServiceOptions): ServiceImpl<typeof TokenService> {
  return {
    async listTokens({ username, pageSize = defaultPageSize, pageToken }) {
      const [time, digest = ""] = parsePageToken(pageToken, 2) ?? [];
      const found = await tokens.list({
        username: username.toLowerCase(),
        // One more tells whether there is a next page.
        limit: pageSize + 1,
        before:
          time === undefined
            ? undefined
            : { createdAt: parsePageTime(time), digest },
      });
      const page = found.slice(0, pageSize);
      const last = found.length > pageSize ? page.at(-1) : undefined;
      return {
        tokens: page.map(toToken),
        nextPageToken:
          last === undefined
            ? ""
            : formatPageToken(last.created_at.toISOString(), last._id),
      };
    },
    async createToken({ name, role, lifetime }, context) {
      const caller = callerOf(context);
      const { username } = caller;
      const lifetimeMs = fromDuration(lifetime, defaultLifetimeMs);
      const expiresAt = new Date(now().getTime() + lifetimeMs);
      if (caller.by.kind === "token" && expiresAt > caller.expiresAt) {
        throw new ConnectError(
          "a token cannot make one that outlives it: choose a shorter lifetime",
          Code.FailedPrecondition,
        );
      }
      if ((await tokens.count(username)) >= maxTokens) {
        throw new ConnectError(
          `${username} has ${maxTokens} tokens: revoke one`,
          Code.ResourceExhausted,
        );
      }
      const made = await audit.record(
        context,
        `user:${username}`,
        async (notes) => {
          const created = await tokens.create({
            username,
            name,
            role: fromRole(role),
            expiresAt,
          });
          notes.after = describe(created.token);
          return created;
        },
      );
      return { token: toToken(made.token), secret: made.secret };
    },
    async revokeToken({ id }, context) {
      await audit.record(context, `token:${id}`, async (notes) => {
        const revoked = await tokens.revoke(id);
        if (revoked === undefined) {
          throw new ConnectError(`there is no token "${id}"`, Code.NotFound);
        }
        notes.before = describe(revoked);
      });
      return {};
    },
  };
}

function describe(token: TokenDocument) {
  return {
    id: token.public_id,
    name: token.name,
    username: token.user,
    role: token.role,
    expires_at: token.expires_at,
  };
}
