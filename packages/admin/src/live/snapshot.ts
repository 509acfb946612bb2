import { type MethodRates, toMethodRates } from "./method-rates.js";
import type { ProcessSample } from "./process-sample.js";

/** What all processes measured at one moment. */
export interface MetricsSnapshot {
  readonly time: Date;
  readonly processes: readonly ProcessSnapshot[];
}

/** What one process measured. */
export interface ProcessSnapshot {
  readonly service: string;
  readonly role: "server" | "worker";
  readonly up: boolean;
  /** Why it is not. */
  readonly reason?: string;
  /** The span of time of rates and percentiles. */
  readonly windowMs?: number;
  readonly methods: readonly MethodRates[];
  readonly startedAt?: Date;
  readonly cpu?: number;
  readonly memoryBytes?: number;
  readonly eventLoopLagSeconds?: number;
}

/** Calculates how a process did since an earlier sample of it. */
export function toProcessSnapshot(
  process: Pick<ProcessSnapshot, "service" | "role">,
  now: ProcessSample,
  earlier: ProcessSample | undefined,
): ProcessSnapshot {
  const before = earlier === now ? undefined : earlier;
  const windowMs = before === undefined ? undefined : now.at - before.at;
  const seconds = windowMs === undefined ? undefined : windowMs / 1_000;
  const { startedAt, cpuSeconds, memoryBytes, eventLoopLagSeconds } = now;
  return {
    ...process,
    up: true,
    windowMs,
    methods: [...now.methods]
      .filter(([, { started }]) => started > 0)
      .map(([key, method]) =>
        toMethodRates(method, before?.methods.get(key), seconds),
      ),
    startedAt:
      startedAt === undefined ? undefined : new Date(startedAt * 1_000),
    cpu:
      seconds === undefined || cpuSeconds === undefined
        ? undefined
        : Math.max(cpuSeconds - (before?.cpuSeconds ?? 0), 0) / seconds,
    memoryBytes,
    eventLoopLagSeconds,
  };
}
