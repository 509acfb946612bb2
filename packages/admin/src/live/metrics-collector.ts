import { type ProcessSample, toProcessSample } from "./process-sample.js";
import type { ReadProcess } from "./read-process.js";
import { type MetricsSnapshot, toProcessSnapshot } from "./snapshot.js";

/** A process that is read. */
export interface ObservedProcess {
  /** The service, such as `time`. */
  readonly service: string;
  readonly role: "server" | "worker";
  readonly read: ReadProcess;
}

/** Keeps what the processes of the system measured lately. */
export interface MetricsCollector {
  /** What was measured lately, oldest first. */
  history(): readonly MetricsSnapshot[];
  /** Reads more often as long as somebody watches, until the function is called. */
  watch(onSnapshot: () => void): () => void;
  start(): void;
  close(): void;
}

/** How often to read, and how much to keep. */
export interface MetricsCollectorOptions {
  readonly processes: readonly ObservedProcess[];
  /** Time between two reads while somebody watches. By default, 2,000. */
  readonly intervalMs?: number;
  /** While nobody does. By default, 10,000. */
  readonly idleIntervalMs?: number;
  /** How long to wait for a process. By default, 1,500. */
  readonly readTimeoutMs?: number;
  /** The span of time that rates and percentiles are of. By default, 10,000. */
  readonly windowMs?: number;
  /** How many snapshots are kept. By default, 300. */
  readonly maxSnapshots?: number;
}

/** Creates the collector of a process. It reads nothing until it is started. */
export function createMetricsCollector(
  options: MetricsCollectorOptions,
): MetricsCollector {
  const { processes, intervalMs = 2_000, idleIntervalMs = 10_000 } = options;
  const { readTimeoutMs = 1_500, maxSnapshots = 300 } = options;
  const { windowMs = 10_000 } = options;
  const kept = processes.map(() => [] as ProcessSample[]);
  const snapshots: MetricsSnapshot[] = [];
  const watchers = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let reading = false;
  let closed = false;

  async function readOne(index: number) {
    const { service, role, read } = processes[index] ?? noProcess;
    const samples = kept[index] ?? [];
    try {
      const values = await read(AbortSignal.timeout(readTimeoutMs));
      const now = toProcessSample(values, performance.now());
      if (samples[0]?.startedAt !== now.startedAt) {
        // Another process under the same address counts from zero.
        samples.length = 0;
      }
      while ((samples[1]?.at ?? now.at) <= now.at - windowMs) {
        samples.shift();
      }
      samples.push(now);
      return toProcessSnapshot({ service, role }, now, samples[0]);
    } catch (error) {
      samples.length = 0;
      return { service, role, up: false, reason: reasonOf(error), methods: [] };
    }
  }

  async function read(): Promise<void> {
    reading = true;
    try {
      const all = await Promise.all(
        processes.map((_, index) => readOne(index)),
      );
      snapshots.push({ time: new Date(), processes: all });
      snapshots.splice(0, Math.max(snapshots.length - maxSnapshots, 0));
      for (const tell of watchers) {
        tell();
      }
    } finally {
      reading = false;
      plan();
    }
  }

  function plan(): void {
    clearTimeout(timer);
    if (closed || reading) {
      return;
    }
    const pause = watchers.size > 0 ? intervalMs : idleIntervalMs;
    const since = Date.now() - (snapshots.at(-1)?.time.getTime() ?? 0);
    timer = setTimeout(() => void read(), Math.max(pause - since, 0));
    timer.unref();
  }

  return {
    history: () => snapshots,
    watch(onSnapshot) {
      watchers.add(onSnapshot);
      plan();
      return () => watchers.delete(onSnapshot);
    },
    start: plan,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

const noProcess: ObservedProcess = {
  service: "",
  role: "server",
  read: async () => [],
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  if (error.name === "TimeoutError") {
    return "does not answer in time";
  }
  // fetch says "fetch failed", and why in the cause.
  const { cause } = error;
  if (!(cause instanceof Error)) {
    return error.message;
  }
  return "code" in cause && cause.code === "ECONNREFUSED"
    ? "is not there"
    : `cannot be reached: ${cause.message}`;
}
