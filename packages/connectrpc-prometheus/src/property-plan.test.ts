import {
  answersMany,
  type Kind,
  kinds,
  sendsMany,
} from "./matrix-calls.test.js";
import { type Link, nodeLinks } from "./matrix-link.test.js";
import type { Mode } from "./matrix-scene.test.js";

/** The number of clients that share the calls of a link. */
export const clientsPerLink = 2;

/** What one call of the property test is to do. */
export interface Plan {
  readonly id: number;
  readonly kind: Kind;
  readonly link: Link;
  readonly mode: Mode;
  /** Which of the clients of its link makes it. */
  readonly client: number;
  /** Messages that the caller sends, if it comes to that. */
  readonly requests: number;
  /** Messages that the handler reads; fewer than that for an early answer. */
  readonly reads: number;
  /** Messages that the handler answers before its end. */
  readonly answers: number;
  /** Pauses of the handler between its steps, in milliseconds. */
  readonly pauseMs: number;
  readonly ending: Ending;
  /** Whether the handler stops when its signal aborts. */
  readonly honours: boolean;
  readonly caller: Caller;
  /** Destroys the connection after this time, and all calls on it. */
  readonly cutAfterMs: number | undefined;
}

/** How a call ends if nobody leaves before. */
export type Ending =
  | "ok"
  | "denied"
  | "broken"
  | "unsendable"
  | "refused"
  | "unreadable"
  | "waits";

/** What the caller does. */
export type Caller =
  | { readonly does: "stays" }
  | { readonly does: "cancels"; readonly afterMs: number }
  | { readonly does: "keeps a deadline"; readonly timeoutMs: number }
  | {
      readonly does: "breaks";
      readonly after: number;
      readonly aborts: boolean;
    }
  | { readonly does: "never reads" };

/** A sequence of numbers in [0, 1) that its seed decides: mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Draws the plan of a call. */
export function drawPlan(id: number, random: () => number): Plan {
  const below = (limit: number) => Math.floor(random() * limit);
  const one = <T>(items: readonly [T, ...T[]]): T =>
    items[below(items.length)] ?? items[0];
  const link = one(nodeLinks);
  const kind = one(
    link.endsWith("HTTP/1.1")
      ? (["unary", "server_streaming", "client_streaming"] as const)
      : // The keys of an object literal are the types of calls.
        (Object.keys(kinds) as [Kind, ...Kind[]]),
  );
  const mode: Mode = random() < 0.7 ? "observed" : "alone";
  const requests = sendsMany(kind) ? below(4) : 1;
  const caller = drawCaller(kind, below, one);
  return {
    id,
    kind,
    link,
    mode,
    client: below(clientsPerLink),
    requests,
    reads: random() < 0.8 ? requests : below(requests + 1),
    answers: Math.max(
      answersMany(kind) ? below(4) : 0,
      // Else a caller would wait that is to break out.
      caller.does === "breaks" ? caller.after : 0,
    ),
    pauseMs: random() < 0.7 ? 0 : below(4),
    ending: one(endingsOf(kind, mode, caller)),
    honours: random() < 0.6,
    caller,
    cutAfterMs: random() < 0.005 ? below(20) : undefined,
  };
}

function endingsOf(
  kind: Kind,
  mode: Mode,
  caller: Caller,
): readonly [Ending, ...Ending[]] {
  const endings: [Ending, ...Ending[]] = ["ok"];
  endings.push("ok", "ok", "ok", "denied", "broken", "refused");
  // What the interceptor alone cannot see is no matter of chance.
  if (mode === "observed") {
    endings.push("unsendable");
  }
  if (mode === "observed" || kind !== "unary") {
    endings.push("unreadable");
  }
  if (caller.does !== "stays") {
    endings.push("waits", "waits", "waits", "waits", "waits");
  }
  return endings;
}

function drawCaller(
  kind: Kind,
  below: (limit: number) => number,
  one: <T>(items: readonly [T, ...T[]]) => T,
): Caller {
  const leaves: [Caller, ...Caller[]] = [
    { does: "cancels", afterMs: below(12) },
    { does: "keeps a deadline", timeoutMs: 1 + below(40) },
  ];
  if (answersMany(kind)) {
    leaves.push(
      { does: "breaks", after: 1 + below(2), aborts: true },
      { does: "breaks", after: 1, aborts: false },
      { does: "never reads" },
    );
  }
  return below(5) < 3 ? { does: "stays" } : one(leaves);
}
