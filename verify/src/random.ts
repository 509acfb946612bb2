/** Numbers that look random and are always the same for a seed. */
export interface Random {
  /** A number from 0 up to, but not including, 1. */
  fraction(): number;
  /** One of several values. Throws a RangeError if there are none. */
  pick<T>(values: readonly T[]): T;
}

/** Creates random numbers by mulberry32 from a 32-bit seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    fraction,
    pick<T>(values: readonly T[]): T {
      const index = Math.floor(fraction() * values.length);
      if (values.length === 0) {
        throw new RangeError("there is nothing to pick from");
      }
      // The index is within the array.
      return values[index] as T;
    },
  };
}
