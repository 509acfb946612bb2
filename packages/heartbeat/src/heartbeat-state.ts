/**
 * How long a service has been silent: `alive` for less than 2 intervals, `late`
 * from 2, `down` from 4.
 */
export type HeartbeatStateName = "alive" | "late" | "down";

/** All states, from the best to the worst. */
export const heartbeatStates: readonly HeartbeatStateName[] = [
  "alive",
  "late",
  "down",
];

/** Silent for so many intervals, a service is late. */
const lateAfterIntervals = 2;

/** Silent for so many intervals, a service is down. */
const downAfterIntervals = 4;

/**
 * Reckons a state from the last beat, the interval that it promised, and the
 * server's clock. A beat from the future, as a clock that was set back leaves
 * it, is alive.
 */
export function reckonState(
  beat: { readonly lastSeen: Date; readonly intervalMs: number },
  now: Date,
): HeartbeatStateName {
  const silentMs = now.getTime() - beat.lastSeen.getTime();
  if (silentMs < lateAfterIntervals * beat.intervalMs) {
    return "alive";
  }
  return silentMs < downAfterIntervals * beat.intervalMs ? "late" : "down";
}
