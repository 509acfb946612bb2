/** How a run goes. */
export interface Progress {
  /** How much of the run is over, from 0 to 1. */
  readonly fraction: number;
  readonly elapsedMs: number;
  /** Calls that have ended. */
  readonly calls: number;
  /** Calls that ended per second, since the last time. */
  readonly callsPerSecond: number;
  readonly inFlight: number;
  readonly unexpected: number;
  readonly dropped: number;
}
