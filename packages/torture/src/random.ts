/**
 * Creates a source of numbers from 0 up to, but not including, 1, which are
 * always the same for a seed: mulberry32.
 */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Creates a draw of values that runs through all of them in a random order
 * before it repeats one. There must be at least one.
 */
export function createDeck<T>(
  values: readonly T[],
  random: () => number,
): () => T {
  const deck = [...values];
  let left = 0;
  return () => {
    left = left === 0 ? deck.length : left;
    const chosen = Math.floor(random() * left);
    left--;
    // Both places are within the deck, as `left` is below its length.
    const value = deck[chosen] as T;
    deck[chosen] = deck[left] as T;
    deck[left] = value;
    return value;
  };
}
