import type { PlannedCall } from "../plan.js";

/** How many messages of a call have gone each way so far. */
export interface Exchange {
  sent: number;
  received: number;
}

/**
 * Makes a call and counts its messages. Answers undefined, or what is wrong
 * with an answer that arrived; throws what the call throws.
 */
export type Call = (
  planned: PlannedCall,
  exchange: Exchange,
) => Promise<string | undefined>;

/** What every RPC needs to know. */
export interface RpcCallOptions {
  /** The deadline of a call, in milliseconds. */
  timeoutMs: number;
  /** Messages of a stream of beats. */
  messages: number;
  /** Ticks after which a watcher leaves. */
  ticks: number;
  /** Time between two ticks, in milliseconds. */
  tickIntervalMs: number;
  /** Shown with beats, where edge asks for it. */
  heartbeatToken: string | undefined;
  /** The service that beats are stored under; undefined stores none. */
  beatAs: string | undefined;
}
