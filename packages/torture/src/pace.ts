import { setTimeout as delay } from "node:timers/promises";

/** What sets the pace of a run. */
export interface PaceOptions {
  /** Begins the next call; settles, and never fails, when it has ended. */
  begin(intendedMs?: number): Promise<void>;
  /** Calls at most. */
  calls: number;
  /** When the run begins and when nothing begins any more, by `performance.now()`. */
  startMs: number;
  endMs: number;
  /** Aborts when nothing may begin any more. */
  stop: AbortSignal;
}

/**
 * Lets each of several callers call again when it is answered (a closed loop),
 * until the time or the calls are up. Resolves when all have been answered.
 */
export async function runClosedLoop(
  options: PaceOptions & { concurrency: number },
): Promise<void> {
  const { begin, calls, endMs, stop, concurrency } = options;
  let begun = 0;
  const callAgain = async () => {
    while (begun < calls && !stop.aborted && performance.now() < endMs) {
      begun++;
      await begin();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, callAgain));
}

/**
 * Begins calls at a steady rate, whether those before have ended or not (an
 * open loop). A call whose moment was missed, because this process was busy,
 * begins late: each is told its moment. Resolves when the last has begun.
 */
export async function runOpenLoop(
  options: PaceOptions & { rate: number },
): Promise<void> {
  const { begin, calls, startMs, endMs, stop, rate } = options;
  const intervalMs = 1000 / rate;
  const momentOf = (call: number) => startMs + call * intervalMs;
  let begun = 0;
  while (!stop.aborted) {
    const now = performance.now();
    // Also at the end: what was due before it is not let go.
    while (
      begun < calls &&
      momentOf(begun) <= now &&
      momentOf(begun) < endMs &&
      !stop.aborted
    ) {
      void begin(momentOf(begun));
      begun++;
    }
    if (begun >= calls || momentOf(begun) >= endMs) {
      return;
    }
    const pauseMs = Math.max(momentOf(begun) - performance.now(), 1);
    await delay(pauseMs, undefined, { signal: stop }).catch(() => {});
  }
}
