import { Code, ConnectError } from "@connectrpc/connect";
import type { RoleName } from "./admin-documents.js";
import type { Caller } from "./caller.js";
import type { OriginRequest, RequestOrigins } from "./request-origin.js";
import { readSessionCookie } from "./session-cookie.js";
import type { SessionStore } from "./session-store.js";
import type { TokenStore } from "./token-store.js";
import type { UserStore } from "./user-store.js";

/** Finds out who makes a call. */
export type Authenticate = (request: OriginRequest) => Promise<Caller>;

/** Where callers are looked up. */
export interface AuthenticateOptions {
  readonly users: Pick<UserStore, "find">;
  readonly sessions: Pick<SessionStore, "find">;
  readonly tokens: Pick<TokenStore, "find">;
  readonly origins: RequestOrigins;
}

/**
 * Creates the function that tells who makes a call, by an API token in
 * `authorization`, else by the cookie of a session. Role and session are read
 * each time, so that a change holds from the next call on.
 *
 * It throws `unauthenticated`, never saying more than that.
 */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { users, sessions, tokens, origins } = options;

  async function byToken(authorization: string): Promise<Caller> {
    const [, secret] = /^Bearer +([\w-]{16,200})$/i.exec(authorization) ?? [];
    const token = secret === undefined ? undefined : await tokens.find(secret);
    const user = token && (await users.find(token.user));
    if (token === undefined || user === undefined) {
      throw refuse("the API token is not valid, or no longer");
    }
    return {
      username: user._id,
      role: lesser(token.role, user.role),
      expiresAt: token.expires_at,
      by: { kind: "token", publicId: token.public_id },
    };
  }

  async function bySession(secret: string): Promise<Caller> {
    const session =
      secret.length > 200 ? undefined : await sessions.find(secret);
    const user = session && (await users.find(session.username));
    if (session === undefined || user === undefined) {
      throw refuse("the session has ended: log in again");
    }
    return {
      username: user._id,
      role: user.role,
      expiresAt: session.expiresAt,
      by: { kind: "session", digest: session.digest },
    };
  }

  return async (request) => {
    const authorization = request.header.get("authorization");
    if (authorization !== null) {
      return await byToken(authorization);
    }
    const secret = readSessionCookie(request.header.get("cookie"), {
      secure: origins.isSecure(request),
    });
    if (secret === undefined || secret === "") {
      throw refuse("log in, or show an API token");
    }
    return await bySession(secret);
  };
}

function refuse(message: string): ConnectError {
  return new ConnectError(message, Code.Unauthenticated, {
    "www-authenticate": "Bearer",
  });
}

function lesser(one: RoleName, other: RoleName): RoleName {
  return one === "operator" ? other : one;
}
