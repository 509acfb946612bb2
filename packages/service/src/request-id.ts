import { randomUUID } from "node:crypto";
import {
  type ContextKey,
  createContextKey,
  type Interceptor,
} from "@connectrpc/connect";

/** The header that carries the id of a request through all services. */
export const requestIdHeader = "x-request-id";

/** The id of the request that a handler serves; empty outside of one. */
export const requestId: ContextKey<string> = createContextKey("", {
  description: "request id",
});

/**
 * Returns the id that a caller gave, or a new one if it gave none or one that
 * is not 1 to 128 letters, digits, or `._:-`: it goes into logs and on.
 */
export function acceptRequestId(given: string | null | undefined): string {
  return given && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

/** Gives every call of a server its request id, and answers with it. */
export const requestIdServerInterceptor: Interceptor =
  (next) => async (req) => {
    const id = acceptRequestId(req.header.get(requestIdHeader));
    req.contextValues.set(requestId, id);
    const res = await next(req);
    res.header.set(requestIdHeader, id);
    return res;
  };

/** Sends the request id on, for calls that are made with `contextValues`. */
export const requestIdClientInterceptor: Interceptor = (next) => (req) => {
  const id = req.contextValues.get(requestId);
  if (id !== "") {
    req.header.set(requestIdHeader, id);
  }
  return next(req);
};
