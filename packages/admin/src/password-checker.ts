import { Code, ConnectError } from "@connectrpc/connect";
import {
  checkPassword,
  hashPassword,
  type PasswordCheck,
  type PasswordCost,
  passwordCost,
} from "./password.js";

/** Hashes and checks passwords, a few at a time. */
export interface PasswordChecker {
  /** The hash to store. */
  hash(password: string): Promise<string>;
  /**
   * Compares a password with a stored hash; without one it takes as long, and
   * is wrong.
   */
  check(password: string, stored: string | undefined): Promise<PasswordCheck>;
}

/** Bounds of a {@link PasswordChecker}. */
export interface PasswordCheckerOptions {
  /** By default, that of new passwords. */
  readonly cost?: PasswordCost;
  /** How many at once. By default, 2: each takes 32 MiB and a thread. */
  readonly maxAtOnce?: number;
  /** How many may wait. By default, 32. */
  readonly maxWaiting?: number;
}

/**
 * Creates the one place where passwords are hashed, so that no number of
 * logins takes all memory and threads of a process. Beyond those that may wait
 * it throws `resource_exhausted`.
 */
export function createPasswordChecker(
  options: PasswordCheckerOptions = {},
): PasswordChecker {
  const { cost = passwordCost, maxAtOnce = 2, maxWaiting = 32 } = options;
  const waiting: (() => void)[] = [];
  let busy = 0;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (busy < maxAtOnce) {
      busy += 1;
    } else if (waiting.length < maxWaiting) {
      // Whoever ends hands its place over.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      throw new ConnectError(
        "too many passwords are being checked",
        Code.ResourceExhausted,
        { "retry-after": "5" },
      );
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) {
        busy -= 1;
      } else {
        next();
      }
    }
  }

  return {
    hash: (password) => inTurn(() => hashPassword(password, cost)),
    check: (password, stored) =>
      inTurn(async () => {
        if (stored !== undefined) {
          return await checkPassword(password, stored, cost);
        }
        await hashPassword(password, cost);
        return { right: false, outdated: false };
      }),
  };
}
