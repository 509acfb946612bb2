/** How many streams of a connection may be reset at once, and how many a second. */
const burst = 900;
const perSecond = 30;

/** Counts the streams of a connection that end by a reset (CVE-2023-44487). */
export class ResetBudget {
  #left = burst;
  #sinceMs = performance.now();

  /** One more was reset. False if that is more than may be. */
  spend(): boolean {
    const now = performance.now();
    const regained = ((now - this.#sinceMs) / 1_000) * perSecond;
    this.#left = Math.min(burst, this.#left + regained) - 1;
    this.#sinceMs = now;
    return this.#left >= 0;
  }
}
