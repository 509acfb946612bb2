import type { OnePortOptions } from "./options.js";

/** The numbers of {@link OnePortOptions}, each with a value. */
export type Limits = Readonly<
  Required<
    Omit<OnePortOptions, "tls" | "onLimit" | "intercept" | "limitArrival">
  >
>;

/**
 * How long a connection without calls is still listened to when it is about to
 * be closed. A client in constant use of it sends one more request within this
 * time and is told so; it would lose a request that crosses with the end.
 */
export const lastRequestMs = 500;

/** How long a client has for what it has to do at once: answer PING, and FIN. */
export const answerMs = 2_000;

/** The longest a Node timer can wait; it fires at once when given more. */
const longestTimeoutMs = 2 ** 31 - 1;

/**
 * Fills in the defaults: Fastify's own options where the app was given those,
 * for Fastify applies them only to servers that it makes itself.
 *
 * @throws RangeError for a value out of range, which names option and value
 */
export function resolveLimits(
  options: OnePortOptions,
  fastifyOptions: Record<string, unknown> = {},
): Limits {
  const requestTimeoutMs =
    options.requestTimeoutMs ??
    // Fastify's default of 0 cannot be told from a 0 that was asked for.
    (positive(fastifyOptions.requestTimeout) || 300_000);
  const limits: Limits = {
    prefaceTimeoutMs: options.prefaceTimeoutMs ?? 10_000,
    requestTimeoutMs,
    headersTimeoutMs:
      options.headersTimeoutMs ?? Math.min(60_000, requestTimeoutMs || 60_000),
    keepAliveTimeoutMs:
      options.keepAliveTimeoutMs ??
      (positive(fastifyOptions.keepAliveTimeout) || 72_000),
    sessionIdleTimeoutMs:
      options.sessionIdleTimeoutMs ??
      (positive(fastifyOptions.http2SessionTimeout) || 72_000),
    maxConcurrentStreams: options.maxConcurrentStreams ?? 250,
    maxHeaderSizeBytes: options.maxHeaderSizeBytes ?? 16_384,
    maxConnections: options.maxConnections ?? Number.MAX_SAFE_INTEGER,
    shutdownGraceMs: options.shutdownGraceMs ?? 10_000,
  };
  check(limits);
  return limits;
}

function positive(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}

function check(limits: Limits): void {
  for (const [name, value] of Object.entries(limits)) {
    const [least, most] = name.endsWith("Ms")
      ? [0, longestTimeoutMs]
      : [1, name === "maxConnections" ? Number.MAX_SAFE_INTEGER : 2 ** 32 - 1];
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(
        `${name} must be a whole number from ${least} to ${most}, got ${value}`,
      );
    }
  }
  const { headersTimeoutMs, requestTimeoutMs } = limits;
  // Node swaps the two without a word when they stand the other way round.
  if (requestTimeoutMs > 0 && headersTimeoutMs > requestTimeoutMs) {
    throw new RangeError(
      `headersTimeoutMs must not be more than requestTimeoutMs (${requestTimeoutMs}), got ${headersTimeoutMs}`,
    );
  }
}
