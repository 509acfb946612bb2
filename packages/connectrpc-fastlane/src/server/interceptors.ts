import type { Interceptor } from "@connectrpc/connect";

/** What an interceptor is put around. */
export type Next = Parameters<Interceptor>[0];

/**
 * Puts the interceptors, the last one first, around a function. For each call
 * anew, as in connect-es: they may keep something of it.
 */
export function intercept(
  next: Next,
  interceptors: readonly Interceptor[],
): Next {
  let outer = next;
  for (const interceptor of interceptors) {
    outer = interceptor(outer);
  }
  return outer;
}

/** Takes over headers where an interceptor answered with others, as connect-es does. */
export function copyHeaders(from: Headers, to: Headers): void {
  if (from === to) {
    return;
  }
  to.forEach((_, key) => {
    to.delete(key);
  });
  from.forEach((value, key) => {
    to.set(key, value);
  });
}
