import type { AuthService } from "@both-ends/gen/admin/v1/auth_service_pb.js";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { UserDocument } from "./admin-documents.js";
import { toSession } from "./admin-message.js";
import type { AuditLog } from "./audit-log.js";
import type { Authenticate } from "./authenticate.js";
import {
  type Caller,
  callerOf,
  remoteAddress,
  sessionDigestOf,
} from "./caller.js";
import type { LoginLimits } from "./login-limits.js";
import type { PasswordChecker } from "./password-checker.js";
import type { OriginRequest, RequestOrigins } from "./request-origin.js";
import { formatEndedCookies, formatSessionCookie } from "./session-cookie.js";
import type { SessionStore } from "./session-store.js";
import type { UserStore } from "./user-store.js";

/** A console that a page may link to. */
export interface ConsoleLink {
  /** The service it belongs to. */
  readonly service: string;
  /** The port of its page, on the same host. */
  readonly port: number;
}

/** What logging in and out needs. */
export interface AuthServiceOptions {
  readonly service: string;
  readonly consoles: readonly ConsoleLink[];
  readonly authenticate: Authenticate;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly passwords: PasswordChecker;
  readonly limits: LoginLimits;
  readonly origins: RequestOrigins;
  readonly audit: AuditLog;
}

/** Makes the handlers of AuthService. */
export function createAuthService(
  options: AuthServiceOptions,
): ServiceImpl<typeof AuthService> {
  const { sessions, origins, audit } = options;
  const { users, passwords } = options;
  return {
    async login({ username, password }, context) {
      const { requestHeader: header, responseHeader, url, values } = context;
      const user = await tryPassword(options, {
        username: username.toLowerCase(),
        password,
        address: values.get(remoteAddress),
      });
      if (user === undefined) {
        throw new ConnectError(
          "this name and this password do not belong together",
          Code.Unauthenticated,
        );
      }
      const caller = await audit.record(
        context,
        `user:${user._id}`,
        async () => {
          const { secret, expiresAt } = await sessions.begin(user._id);
          await users.noteLogin(user._id);
          const secure = origins.isSecure({ url, header });
          responseHeader.append(
            "set-cookie",
            formatSessionCookie(secret, { secure, expiresAt }),
          );
          return { ...asCaller(user), expiresAt };
        },
        { caller: asCaller(user) },
      );
      return { session: toSession(caller) };
    },
    async logout(_request, context) {
      const caller = callerOf(context);
      const digest = sessionDigestOf(caller);
      if (digest === undefined) {
        throw new ConnectError(
          "an API token has no session to end: revoke the token",
          Code.FailedPrecondition,
        );
      }
      await audit.record(context, `user:${caller.username}`, () =>
        sessions.end(digest),
      );
      endCookies(context);
      return {};
    },
    async logoutEverywhere(_request, context) {
      const { username } = callerOf(context);
      const count = await audit.record(context, `user:${username}`, () =>
        sessions.endAll(username),
      );
      endCookies(context);
      return { sessions: count };
    },
    async getSession(_request, { url, requestHeader: header }) {
      const caller = await findCaller(options.authenticate, { url, header });
      return caller === undefined
        ? {}
        : {
            session: toSession(caller),
            service: options.service,
            consoles: [...options.consoles],
          };
    },
    async changePassword({ currentPassword, newPassword }, context) {
      const caller = callerOf(context);
      const { username } = caller;
      const address = context.values.get(remoteAddress);
      const password = currentPassword;
      if (!(await tryPassword(options, { username, password, address }))) {
        throw new ConnectError(
          "the current password is not right",
          Code.PermissionDenied,
        );
      }
      const hash = await passwords.hash(newPassword);
      await audit.record(context, `user:${username}`, async () => {
        await users.setPassword(username, hash);
        await sessions.endAll(username, sessionDigestOf(caller));
      });
      return {};
    },
  };

  function endCookies(context: {
    url: string;
    requestHeader: Headers;
    responseHeader: Headers;
  }): void {
    const { url, requestHeader: header, responseHeader } = context;
    const secure = origins.isSecure({ url, header });
    for (const cookie of formatEndedCookies({ secure })) {
      responseHeader.append("set-cookie", cookie);
    }
  }
}

/**
 * Who makes a call, or undefined for somebody without a session. An API token
 * that is not valid is refused: whoever shows one means to be somebody.
 */
async function findCaller(
  authenticate: Authenticate,
  request: OriginRequest,
): Promise<Caller | undefined> {
  try {
    return await authenticate(request);
  } catch (error) {
    const isNobody =
      error instanceof ConnectError &&
      error.code === Code.Unauthenticated &&
      !request.header.has("authorization");
    if (isNobody) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Gives the user if the password is right. Throws `resource_exhausted` when it
 * was tried too often. A hash at another cost than that of new ones is replaced.
 */
async function tryPassword(
  {
    users,
    passwords,
    limits,
  }: Pick<AuthServiceOptions, "users" | "passwords" | "limits">,
  attempt: { username: string; password: string; address: string },
): Promise<UserDocument | undefined> {
  const { username, password, address } = attempt;
  const waitSeconds = limits.take(username, address);
  if (waitSeconds !== undefined) {
    throw new ConnectError(
      `too many wrong passwords from this address: try again in ${waitSeconds} s`,
      Code.ResourceExhausted,
      { "retry-after": String(waitSeconds) },
    );
  }
  const user = await users.find(username);
  const { right, outdated } = await passwords.check(password, user?.password);
  if (user === undefined || !right) {
    return undefined;
  }
  limits.refund(username, address);
  if (outdated) {
    const hash = await passwords.hash(password);
    await users.setPassword(username, hash, { rehashed: true });
  }
  return user;
}

function asCaller({ _id, role }: UserDocument): Caller {
  return {
    username: _id,
    role,
    expiresAt: new Date(0),
    by: { kind: "session", digest: "" },
  };
}
