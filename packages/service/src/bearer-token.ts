import { createHash, timingSafeEqual } from "node:crypto";

/**
 * Tells whether an `authorization` header carries the token, in a time that
 * does not depend on how much of it is right.
 */
export function hasBearerToken(
  authorization: string | null | undefined,
  token: string,
): boolean {
  const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

/** Digests have one length, which timingSafeEqual asks for. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
