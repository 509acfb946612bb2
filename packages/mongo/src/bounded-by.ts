/** A TimeLimitError is raised if a promise takes longer than its limit. */
export class TimeLimitError extends Error {
  override name = "TimeLimitError";
}

/**
 * Waits for a promise no longer than a limit, then throws a
 * `TimeLimitError`. The promise itself is not ended; what becomes of it later is dropped.
 */
export async function boundedBy<T>(
  limitMs: number,
  promise: Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TimeLimitError(`no answer within ${limitMs} ms`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
