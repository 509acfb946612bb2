import { isDatabaseUnavailable } from "@both-ends/mongo";
import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import {
  Code,
  ConnectError,
  type Interceptor,
  type StreamRequest,
  type UnaryRequest,
} from "@connectrpc/connect";
import { type Access, accessTo } from "./access-table.js";
import type { Authenticate } from "./authenticate.js";
import { type Caller, setCaller } from "./caller.js";
import type { RequestOrigins } from "./request-origin.js";
import { createStreamChecks } from "./stream-checks.js";

/** What authorization goes by. */
export interface AuthorizationOptions {
  readonly authenticate: Authenticate;
  readonly origins: RequestOrigins;
  /**
   * How often the caller of an open stream is looked up again. By default,
   * 15 s.
   */
  readonly streamCheckMs?: number;
}

/**
 * Creates the interceptor that authorizes every call of `admin.v1`, by the
 * table and nothing else; calls of other packages pass. It belongs before
 * validation, so that who may not call learns nothing of requests.
 *
 * A stream ends with `unauthenticated` soon after its session or token has.
 * A database that is away is `unavailable`.
 */
export function createAuthorizationInterceptor(
  options: AuthorizationOptions,
): Interceptor {
  const { authenticate, origins, streamCheckMs = 15_000 } = options;
  const checks = createStreamChecks({ authenticate, everyMs: streamCheckMs });

  async function authorize(
    req: UnaryRequest | StreamRequest,
  ): Promise<Caller | undefined> {
    const access = accessTo(req.method);
    if (access === undefined) {
      throw new ConnectError("nobody may call this", Code.PermissionDenied);
    }
    // A browser sends a cookie by itself; a header of a program it does not.
    const byCookie =
      !req.header.has("authorization") && req.header.has("cookie");
    origins.check(req, { required: byCookie && changes(req.method) });
    if (access === "anyone") {
      return undefined;
    }
    const caller = await authenticate(req);
    requireRole(caller, access);
    setCaller(req.contextValues, caller);
    return caller;
  }

  function keepChecking(req: StreamRequest, access: Access): StreamRequest {
    const controller = new AbortController();
    const stop = checks.add({
      request: req,
      allow: (caller) => requireRole(caller, access),
      end: (refusal) => controller.abort(refusal),
    });
    const end = () => {
      stop();
      controller.abort(req.signal.reason);
    };
    if (req.signal.aborted) {
      end();
    } else {
      // The signal of a handler aborts at every end of its call.
      req.signal.addEventListener("abort", end, { once: true });
    }
    return { ...req, signal: controller.signal };
  }

  return (next) => async (req) => {
    if (!req.service.typeName.startsWith("admin.")) {
      return await next(req);
    }
    try {
      const caller = await authorize(req);
      const res = await next(
        req.stream && caller !== undefined
          ? keepChecking(req, accessTo(req.method) ?? "operator")
          : req,
      );
      res.header.set("cache-control", "no-store");
      return res.stream
        ? { ...res, message: nameUnavailableIn(res.message) }
        : res;
    } catch (error) {
      throw nameUnavailable(error);
    }
  };
}

/** Whether a method changes something. */
export function changes(method: DescMethod): boolean {
  return method.idempotency !== MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
}

function requireRole(caller: Caller, access: Access): void {
  if (access === "operator" && caller.role !== "operator") {
    throw new ConnectError(
      `this needs the role operator; ${caller.username} has the role ${caller.role} here`,
      Code.PermissionDenied,
    );
  }
}

async function* nameUnavailableIn<T>(messages: AsyncIterable<T>) {
  try {
    yield* messages;
  } catch (error) {
    throw nameUnavailable(error);
  }
}

function nameUnavailable(error: unknown): unknown {
  return !(error instanceof ConnectError) && isDatabaseUnavailable(error)
    ? new ConnectError(
        "the database is unavailable",
        Code.Unavailable,
        undefined,
        undefined,
        error,
      )
    : error;
}
