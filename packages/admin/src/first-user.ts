import { setTimeout as delay } from "node:timers/promises";
import type { AdminLogger } from "./logger.js";
import type { PasswordChecker } from "./password-checker.js";
import { createPassword } from "./secret.js";
import type { UserStore } from "./user-store.js";

/** The name of the first user. */
export const firstUserName = "admin";

/** How the first user comes to be. */
export interface FirstUserOptions {
  /** Their password. By default, one is made. */
  readonly password?: string | undefined;
  /** Shows a password that was made, once: it is stored nowhere. */
  show(username: string, password: string): void;
}

/** What making the first user needs. */
export interface EnsureFirstUserOptions extends FirstUserOptions {
  readonly users: Pick<UserStore, "countOperators" | "create">;
  readonly passwords: Pick<PasswordChecker, "hash">;
  readonly logger: AdminLogger;
  /** Gives up when it aborts. */
  readonly signal: AbortSignal;
}

/**
 * Makes the user `admin` if there is nobody who may change anything. Waits for
 * a database that is away; several processes may do so at once, and one of them
 * makes it. Never throws.
 */
export async function ensureFirstUser(
  options: EnsureFirstUserOptions,
): Promise<void> {
  const { signal, logger } = options;
  for (let pauseMs = 250; !signal.aborted; pauseMs = nextPause(pauseMs)) {
    try {
      await makeFirstUser(options);
      return;
    } catch (err) {
      if (pauseMs >= maxPauseMs) {
        logger.warn({ err }, "the first user could not be made yet");
      }
      await delay(pauseMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }
}

const maxPauseMs = 5_000;

function nextPause(pauseMs: number): number {
  return Math.min(pauseMs * 2, maxPauseMs);
}

async function makeFirstUser(options: EnsureFirstUserOptions): Promise<void> {
  const { users, passwords, logger, password, show } = options;
  if ((await users.countOperators()) > 0) {
    return;
  }
  const secret = password ?? createPassword();
  const created = await users.create({
    username: firstUserName,
    role: "operator",
    password: await passwords.hash(secret),
  });
  if (created === undefined) {
    logger.warn(
      {},
      `nobody has the role operator, and "${firstUserName}" is a viewer: remove that user from the database`,
    );
  } else if (password === undefined) {
    show(firstUserName, secret);
  }
}
