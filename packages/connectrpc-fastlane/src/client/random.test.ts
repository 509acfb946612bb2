/** Numbers that come again with the same seed. */
export interface Random {
  /** 0 to n - 1. */
  below(n: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** The usual with this probability, else one of the others. */
  often<T>(probability: number, usual: T, others: readonly T[]): T;
}

/** Creates a generator, mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number) => Math.floor(next() * n);
  const pick = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)];
    if (item === undefined && items.length === 0) {
      throw new Error("nothing to pick from");
    }
    // An item of this list, which may itself be undefined.
    return item as T;
  };
  return {
    below,
    pick,
    chance: (probability) => next() < probability,
    often: (probability, usual, others) =>
      next() < probability ? usual : pick(others),
  };
}
