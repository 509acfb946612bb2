import { createHash, randomBytes } from "node:crypto";

/** Makes a secret that cannot be guessed: 256 bits, in 43 characters. */
export function createSecret(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * What is stored of a secret, and looked up by. A plain digest is enough for
 * 256 random bits; and a look-up by digest tells nothing of the secret by the
 * time it takes.
 */
export function digestSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

/** Makes a name that is no secret, in 16 characters. */
export function createPublicId(): string {
  return randomBytes(12).toString("base64url");
}

/**
 * Makes a password for a person to copy: 24 characters, 120 bits, without
 * those that look alike.
 */
export function createPassword(): string {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  const characters = Array.from(randomBytes(24), (byte) => letters[byte % 32]);
  return characters.join("").replace(/(.{6})(?=.)/g, "$1-");
}
