import { rm, stat, utimes, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** How to wait for a build that another process has begun. */
export interface BuildLockOptions {
  /** Called every 5 s of waiting with the time waited. */
  onWait: (elapsedMs: number) => void;
  /** Ends the waiting early: the build's product is there. */
  isDone: () => boolean;
  signal: AbortSignal;
}

const touchEveryMs = 2000;
/** A holder that has not touched its file for so long is gone. */
const staleAfterMs = 15_000;
const probeEveryMs = 200;
const reportEveryMs = 5000;

/**
 * Holds a lock file that its holder keeps fresh, or gives up holding it when
 * the product is there; the function it gives lets it go. It saves work and no more: should two processes take a
 * stale lock at once, both build, and the last rename wins.
 */
export async function holdBuildLock(
  path: string,
  options: BuildLockOptions,
): Promise<() => Promise<void>> {
  const { onWait, isDone, signal } = options;
  const start = performance.now();
  let reported = start;
  while (!(await tryLock(path))) {
    if (isDone()) {
      return async () => {};
    }
    await delay(probeEveryMs, undefined, { signal });
    if (performance.now() - reported >= reportEveryMs) {
      reported = performance.now();
      onWait(reported - start);
    }
  }
  const timer = setInterval(() => {
    const now = new Date();
    // A lock that was taken over must not stop a build that is under way.
    utimes(path, now, now).catch(() => {});
  }, touchEveryMs);
  return async () => {
    clearInterval(timer);
    await rm(path, { force: true });
  };
}

async function tryLock(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${process.pid}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if (
      !(error instanceof Error && "code" in error) ||
      error.code !== "EEXIST"
    ) {
      throw error;
    }
  }
  const age = await stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  if (age > staleAfterMs) {
    await rm(path, { force: true });
  }
  return false;
}
