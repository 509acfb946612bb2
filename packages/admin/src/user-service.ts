import type { UserService } from "@both-ends/gen/admin/v1/user_service_pb.js";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { UserDocument } from "./admin-documents.js";
import { fromRole, toUser } from "./admin-message.js";
import type { AuditLog } from "./audit-log.js";
import {
  defaultPageSize,
  formatPageToken,
  parsePageToken,
} from "./page-token.js";
import type { PasswordChecker } from "./password-checker.js";
import { createPassword } from "./secret.js";
import type { SessionStore } from "./session-store.js";
import type { TokenStore } from "./token-store.js";
import type { UserStore } from "./user-store.js";

/** What managing users needs. */
export interface UserServiceOptions {
  readonly users: UserStore;
  readonly sessions: Pick<SessionStore, "endAll">;
  readonly tokens: Pick<TokenStore, "revokeAll">;
  readonly passwords: Pick<PasswordChecker, "hash">;
  readonly audit: AuditLog;
}

/** Makes the handlers of UserService. */
export function createUserService(
  options: UserServiceOptions,
): ServiceImpl<typeof UserService> {
  const { users, sessions, tokens, passwords, audit } = options;

  async function mustFind(username: string): Promise<UserDocument> {
    const user = await users.find(username.toLowerCase());
    if (user === undefined) {
      throw unknownUser(username);
    }
    return user;
  }

  return {
    async listUsers({ search, pageSize = defaultPageSize, pageToken }) {
      const [after = ""] = parsePageToken(pageToken, 1) ?? [];
      const found = await users.list({
        search: search.toLowerCase(),
        after,
        limit: pageSize + 1,
      });
      const page = found.slice(0, pageSize);
      const last = page.at(-1);
      return {
        users: page.map(toUser),
        nextPageToken:
          last !== undefined && found.length > pageSize
            ? formatPageToken(last._id)
            : "",
      };
    },
    async createUser({ username, role, password }, context) {
      const secret = password ?? createPassword();
      const hash = await passwords.hash(secret);
      const user = await audit.record(
        context,
        `user:${username}`,
        async (notes) => {
          const created = await users.create({
            username,
            role: fromRole(role),
            password: hash,
          });
          if (created === undefined) {
            throw new ConnectError(
              `there is a user "${username}" already`,
              Code.AlreadyExists,
            );
          }
          notes.after = describe(created);
          return created;
        },
      );
      return {
        user: toUser(user),
        password: password === undefined ? secret : "",
      };
    },
    async changeRole({ username, role }, context) {
      const before = await mustFind(username);
      const user = await audit.record(
        context,
        `user:${before._id}`,
        async (notes) => {
          const changed = await users.changeRole(before._id, fromRole(role));
          if (changed === undefined) {
            throw unknownUser(username);
          }
          await keepAnOperator(users, before);
          notes.after = describe(changed);
          return changed;
        },
        { notes: { before: describe(before) } },
      );
      return { user: toUser(user) };
    },
    async resetPassword({ username, password }, context) {
      const { _id } = await mustFind(username);
      const secret = password ?? createPassword();
      const hash = await passwords.hash(secret);
      await audit.record(context, `user:${_id}`, async () => {
        await users.setPassword(_id, hash);
        await sessions.endAll(_id);
      });
      return { password: password === undefined ? secret : "" };
    },
    async logoutUser({ username }, context) {
      const { _id } = await mustFind(username);
      const count = await audit.record(context, `user:${_id}`, () =>
        sessions.endAll(_id),
      );
      return { sessions: count };
    },
    async deleteUser({ username }, context) {
      const before = await mustFind(username);
      await audit.record(
        context,
        `user:${before._id}`,
        async () => {
          const removed = await users.remove(before._id);
          if (removed === undefined) {
            throw unknownUser(username);
          }
          await keepAnOperator(users, removed);
          await tokens.revokeAll(before._id);
          await sessions.endAll(before._id);
        },
        { notes: { before: describe(before) } },
      );
      return {};
    },
  };
}

/**
 * Takes a change of a user back if it leaves nobody who may change anything.
 * Looked at after the change: of two operators who remove each other at the
 * same time, both would find the other still there before it.
 */
async function keepAnOperator(
  users: Pick<UserStore, "countOperators" | "restore">,
  before: UserDocument,
): Promise<void> {
  if ((await users.countOperators()) === 0) {
    await users.restore(before);
    throw new ConnectError(
      `"${before._id}" is the last operator`,
      Code.FailedPrecondition,
    );
  }
}

function unknownUser(username: string): ConnectError {
  return new ConnectError(`there is no user "${username}"`, Code.NotFound);
}

function describe({ _id, role }: UserDocument) {
  return { username: _id, role };
}
