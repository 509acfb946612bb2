import { useSyncExternalStore } from "react";

const clocks = new Map<number, ReturnType<typeof createClock>>();

/** The time in milliseconds, kept by one timer for all who ask for its pace. */
export function useNow(everyMs: number): number {
  let clock = clocks.get(everyMs);
  if (clock === undefined) {
    clock = createClock(everyMs);
    clocks.set(everyMs, clock);
  }
  return useSyncExternalStore(clock.subscribe, clock.read);
}

function createClock(everyMs: number) {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let now = Date.now();
  return {
    read: () => now,
    subscribe(listener: () => void) {
      listeners.add(listener);
      now = Date.now();
      timer ??= setInterval(() => {
        now = Date.now();
        for (const tell of listeners) {
          tell();
        }
      }, everyMs);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) {
          clearInterval(timer);
          timer = undefined;
        }
      };
    },
  };
}
