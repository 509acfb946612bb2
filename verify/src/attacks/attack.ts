import type { Random } from "../random.js";
import type { RawConnection } from "./raw-connection.js";

/** The server under attack. */
export interface Target {
  readonly port: number;
  /** Opens a TCP connection to it and says nothing. */
  connect(): Promise<RawConnection>;
}

/** How much of an attack is made. */
export interface AttackBudget {
  /** How many connections, streams, frames or requests: see the attack. */
  readonly count: number;
  /** How long connections are held, for attacks that hold them. */
  readonly holdMs: number;
}

/** What an attack met. */
export interface AttackOutcome {
  /** How the server dealt with what it got, and how often. */
  readonly counts: Readonly<Record<string, number>>;
  /** What it should not have done. */
  readonly wrong: readonly string[];
}

/** Something that the internet does to servers. */
export interface Attack {
  readonly name: string;
  /** What is done how often, for people. */
  readonly what: string;
  /** What its budget counts. */
  readonly unit: string;
  /** More environment variables of the server, such as short timeouts. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the server speaks TLS. By default, cleartext. */
  readonly tls?: boolean;
  /** The whole attack. */
  readonly full: AttackBudget;
  /** So little of it that it takes a second or two. */
  readonly quick: AttackBudget;
  /** Makes the attack and leaves, whatever the server does. */
  run(
    target: Target,
    budget: AttackBudget,
    random: Random,
  ): Promise<AttackOutcome>;
}

/** Counts things by name. */
export interface Tally {
  readonly counts: Record<string, number>;
  add(what: string, times?: number): void;
}

/** Creates a tally of nothing yet. */
export function createTally(): Tally {
  const counts: Record<string, number> = {};
  return {
    counts,
    add(what, times = 1) {
      counts[what] = (counts[what] ?? 0) + times;
    },
  };
}

/** Does something `count` times, so many at once; rejects with the first failure. */
export async function repeat(
  count: number,
  concurrency: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      await work(next++);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
