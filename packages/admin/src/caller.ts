import {
  type ContextValues,
  createContextKey,
  type HandlerContext,
} from "@connectrpc/connect";
import type { RoleName } from "./admin-documents.js";

/** Who makes a call, and what they may do. */
export interface Caller {
  readonly username: string;
  readonly role: RoleName;
  /** When their session or token ends. */
  readonly expiresAt: Date;
  readonly by:
    | { readonly kind: "session"; readonly digest: string }
    | { readonly kind: "token"; readonly publicId: string };
}

const callerKey = createContextKey<Caller | undefined>(undefined, {
  description: "admin caller",
});

/** The address a call came from, as far as it is known. */
export const remoteAddress = createContextKey("", {
  description: "remote address",
});

/** Notes who makes a call. */
export function setCaller(values: ContextValues, caller: Caller): void {
  values.set(callerKey, caller);
}

/** Who makes a call that was authorized. Throws if it was not: then it was mounted wrong. */
export function callerOf({ values }: Pick<HandlerContext, "values">): Caller {
  const caller = values.get(callerKey);
  if (caller === undefined) {
    throw new Error("the call was not authorized");
  }
  return caller;
}

/** The session a call came with, or undefined if it came with a token. */
export function sessionDigestOf(caller: Caller): string | undefined {
  return caller.by.kind === "session" ? caller.by.digest : undefined;
}
