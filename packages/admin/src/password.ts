import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/** How dear a hash is: see RFC 7914, section 2. */
export interface PasswordCost {
  /** The binary logarithm of scrypt's N. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/**
 * What new passwords cost: 32 MiB and some 200 ms, one of the settings that the
 * OWASP Password Storage Cheat Sheet gives.
 */
export const passwordCost: PasswordCost = { ln: 15, r: 8, p: 3 };

const hashBytes = 32;
const shape =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([\w+/]+)\$([\w+/]+)$/;

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/**
 * Hashes a password with a salt of its own. The parameters are stored with the
 * hash (`$scrypt$ln=15,r=8,p=3$salt$hash`), so that they can be raised later.
 */
export async function hashPassword(
  password: string,
  cost: PasswordCost = passwordCost,
): Promise<string> {
  const salt = randomBytes(16);
  const hash = await deriveHash(password, salt, cost);
  const { ln, r, p } = cost;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${encode(salt)}$${encode(hash)}`;
}

/** What came of a password. */
export interface PasswordCheck {
  readonly right: boolean;
  /** The hash was made at another cost than that of new ones. */
  readonly outdated: boolean;
}

/** Compares a password with a stored hash, in a time that does not tell how much is right. */
export async function checkPassword(
  password: string,
  stored: string,
  cost: PasswordCost = passwordCost,
): Promise<PasswordCheck> {
  const [, ln, r, p, salt, hash] = shape.exec(stored) ?? [];
  if (salt === undefined || hash === undefined) {
    throw new Error("a stored password is not in the form that is known");
  }
  const was = { ln: Number(ln), r: Number(r), p: Number(p) };
  const expected = Buffer.from(hash, "base64");
  const given = await deriveHash(password, Buffer.from(salt, "base64"), was);
  return {
    right: expected.length === hashBytes && timingSafeEqual(given, expected),
    outdated: was.ln !== cost.ln || was.r !== cost.r || was.p !== cost.p,
  };
}

async function deriveHash(
  password: string,
  salt: Buffer,
  { ln, r, p }: PasswordCost,
): Promise<Buffer> {
  const N = 2 ** ln;
  // Characters that look the same are the same password on every keyboard.
  return await derive(password.normalize("NFKC"), salt, hashBytes, {
    N,
    r,
    p,
    maxmem: 256 * N * r,
  });
}

function encode(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
