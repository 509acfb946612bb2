import type { Progress } from "./progress.js";

const intervalMs = 1_000;

/** Where a run is. */
export interface RunState {
  elapsedMs: number;
  durationMs: number | undefined;
  maxCalls: number | undefined;
  calls: number;
  inFlight: number;
  unexpected: number;
  dropped: number;
}

/** Tells a listener once a second how a run goes. Returns how to end that. */
export function watchProgress(
  listener: ((progress: Progress) => void) | undefined,
  read: () => RunState,
): () => void {
  if (listener === undefined) {
    return () => {};
  }
  let before = { elapsedMs: 0, calls: 0 };
  const timer = setInterval(() => {
    const { durationMs, maxCalls, ...state } = read();
    const { elapsedMs, calls, dropped } = state;
    const passedMs = elapsedMs - before.elapsedMs;
    const fraction = Math.max(
      durationMs === undefined ? 0 : elapsedMs / durationMs,
      maxCalls === undefined ? 0 : (calls + dropped) / maxCalls,
    );
    listener({
      ...state,
      fraction: Math.min(fraction, 1),
      callsPerSecond: ((calls - before.calls) / passedMs) * 1000,
    });
    before = { elapsedMs, calls };
  }, intervalMs);
  return () => clearInterval(timer);
}
