import type { Interceptor } from "@connectrpc/connect";

/**
 * Creates an interceptor for clients that passes everything on, but for the
 * errors of calls and of their streams, which it replaces. The signal is that
 * of the call.
 */
export function createErrorInterceptor(
  replace: (error: unknown, signal: AbortSignal) => Promise<unknown> | unknown,
): Interceptor {
  return (next) => async (req) => {
    const rethrow = async (error: unknown): Promise<never> => {
      throw await replace(error, req.signal);
    };
    const res = await next(req).catch(rethrow);
    return res.stream
      ? { ...res, message: catchErrors(res.message, rethrow) }
      : res;
  };
}

function catchErrors<T>(
  messages: AsyncIterable<T>,
  rethrow: (error: unknown) => Promise<never>,
): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const it = messages[Symbol.asyncIterator]();
      return {
        next: () => it.next().catch(rethrow),
        return: it.return?.bind(it),
        throw: it.throw?.bind(it),
      };
    },
  };
}
