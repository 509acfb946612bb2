/** How often, and after what pause, a process that dies is started again. */
export interface RestartPolicy {
  /**
   * The pause after the first death; it doubles with each further one within
   * the window. By default, 500.
   */
  restartDelayMs?: number;
  /** The longest pause. By default, 10,000. */
  maxRestartDelayMs?: number;
  /** With so many deaths within the window it is given up. By default, 5. */
  maxDeaths?: number;
  /** By default, 60,000. */
  deathWindowMs?: number;
}

/** What follows from a death. */
export type DeathVerdict =
  | {
      readonly kind: "restart";
      readonly text: string;
      readonly pauseMs: number;
    }
  | { readonly kind: "give-up"; readonly text: string };

/**
 * Creates a judge of one process's deaths. It is given the time of a death on
 * any steady clock, in milliseconds; its verdict comes with the words for it.
 */
export function createDeathJudge(
  policy: RestartPolicy = {},
): (nowMs: number) => DeathVerdict {
  const { restartDelayMs = 500, maxRestartDelayMs = 10_000 } = policy;
  const { maxDeaths = 5, deathWindowMs = 60_000 } = policy;
  let deaths: number[] = [];
  return (nowMs) => {
    deaths = deaths.filter((at) => nowMs - at < deathWindowMs);
    deaths.push(nowMs);
    const count = deaths.length;
    const window = `within ${deathWindowMs / 1000} s`;
    if (count >= maxDeaths) {
      return { kind: "give-up", text: `died ${count} times ${window}` };
    }
    const pauseMs = Math.min(
      restartDelayMs * 2 ** (count - 1),
      maxRestartDelayMs,
    );
    const text = `starting it again in ${pauseMs / 1000} s (death ${count} of at most ${maxDeaths} ${window})`;
    return { kind: "restart", text, pauseMs };
  };
}
