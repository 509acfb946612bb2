import { setTimeout as delay } from "node:timers/promises";

/** Calls in flight. */
export interface Flight {
  size(): number;
  /** A call has begun. */
  take(): void;
  /** A call has ended. */
  land(): void;
  /** From now on, it does not matter whether calls end. */
  close(): void;
  isClosed(): boolean;
  /** Tells whether all calls have ended within this time. */
  landed(withinMs: number): Promise<boolean>;
}

/** Creates the count of calls in flight, of which there are none yet. */
export function createFlight(): Flight {
  let size = 0;
  let closed = false;
  let allLanded = () => {};
  return {
    size: () => size,
    isClosed: () => closed,
    take() {
      size++;
    },
    land() {
      size--;
      if (size === 0) {
        allLanded();
      }
    },
    close() {
      closed = true;
    },
    async landed(withinMs) {
      if (size > 0) {
        const bound = new AbortController();
        const { signal } = bound;
        const landed = new Promise<void>((resolve) => {
          allLanded = resolve;
        });
        await Promise.race([
          landed,
          delay(withinMs, undefined, { signal }).catch(() => {}),
        ]);
        bound.abort();
      }
      return size === 0;
    },
  };
}
