import { setTimeout as delay } from "node:timers/promises";

/** What a process says of itself, or `unreachable` when it says nothing. */
export type Readiness =
  | { readonly status: "ready" | "starting" | "draining" | "unreachable" }
  | { readonly status: "degraded"; readonly reasons: readonly string[] };

/** A process and where it says whether it is ready. */
export interface ReadinessTarget {
  readonly name: string;
  readonly readyUrl: string;
}

/** Bounds of {@link waitUntilReady}, and who hears how it goes. */
export interface WaitUntilReadyOptions {
  /** Ends the wait with its reason. */
  signal: AbortSignal;
  /** Hears that one is ready, and every five seconds which ones are not. */
  onProgress: (text: string) => void;
  /** Gives up after this time. By default, 60,000. */
  timeoutMs?: number;
  /**
   * For how long a process may be degraded before that counts as its state
   * and not as a part of its start. By default, 3,000.
   */
  degradedGraceMs?: number;
}

const pollMs = 150;
const reportMs = 5000;

/** Asks a process for its readiness, for at most a second. Never fails. */
export async function probeReadiness(
  url: string,
  signal?: AbortSignal,
): Promise<Readiness> {
  const bound = AbortSignal.timeout(1000);
  try {
    const response = await fetch(url, {
      signal: signal ? AbortSignal.any([signal, bound]) : bound,
    });
    return toReadiness(await response.json());
  } catch {
    return { status: "unreachable" };
  }
}

/**
 * Waits until every process is ready, or degraded for longer than a start
 * explains. The error of a wait that takes too long names each one that is not
 * ready and what it says.
 */
export async function waitUntilReady(
  targets: readonly ReadinessTarget[],
  options: WaitUntilReadyOptions,
): Promise<Map<string, Readiness>> {
  const { signal, onProgress, timeoutMs = 60_000 } = options;
  const { degradedGraceMs = 3000 } = options;
  const states = new Map<string, Readiness>();
  const begin = performance.now();
  let waiting = targets;
  let reportedAt = begin;
  let servingSince: number | undefined;
  for (;;) {
    await probeAll(waiting, states, signal);
    signal.throwIfAborted();
    const now = performance.now();
    servingSince = [...states.values()].every(isServing)
      ? (servingSince ?? now)
      : undefined;
    const settled: Readiness["status"][] =
      servingSince !== undefined && now - servingSince >= degradedGraceMs
        ? ["ready", "degraded"]
        : ["ready"];
    const words = ({ name }: ReadinessTarget) => describe(states.get(name));
    waiting = waiting.filter((target) => {
      const status = states.get(target.name)?.status ?? "unreachable";
      if (status === "ready") {
        onProgress(`${target.name} is ${words(target)}`);
      }
      return !settled.includes(status);
    });
    if (waiting.length === 0) {
      return states;
    }
    const list = () =>
      waiting.map((target) => `${target.name} (${words(target)})`).join(", ");
    if (now - begin > timeoutMs) {
      throw new Error(`not ready within ${timeoutMs / 1000} s: ${list()}`);
    }
    if (now - reportedAt > reportMs) {
      reportedAt = now;
      onProgress(`still waiting for ${list()}`);
    }
    await delay(pollMs, undefined, { signal });
  }
}

async function probeAll(
  targets: readonly ReadinessTarget[],
  states: Map<string, Readiness>,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    targets.map(async ({ name, readyUrl }) => {
      states.set(name, await probeReadiness(readyUrl, signal));
    }),
  );
}

/** Says a readiness in words: `starting`, or `degraded: no database`. */
export function describe(readiness: Readiness | undefined): string {
  if (readiness === undefined || readiness.status === "unreachable") {
    return "not answering yet";
  }
  return readiness.status === "degraded"
    ? `degraded: ${readiness.reasons.join(", ") || "no reason given"}`
    : readiness.status;
}

function isServing({ status }: Readiness): boolean {
  return status === "ready" || status === "degraded";
}

function toReadiness(body: unknown): Readiness {
  if (typeof body !== "object" || body === null || !("status" in body)) {
    return { status: "unreachable" };
  }
  const { status } = body;
  if (status === "ready" || status === "starting" || status === "draining") {
    return { status };
  }
  if (status === "degraded") {
    const reasons =
      "reasons" in body && Array.isArray(body.reasons) ? body.reasons : [];
    return { status, reasons: reasons.map(String) };
  }
  return { status: "unreachable" };
}
