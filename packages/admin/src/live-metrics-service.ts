import {
  CallSide,
  type LiveMetricsService,
  MetricsSnapshotSchema,
  ProcessRole,
  type MetricsSnapshot as SnapshotMessage,
} from "@both-ends/gen/admin/v1/live_metrics_service_pb.js";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { MethodRates } from "./live/method-rates.js";
import type { MetricsCollector } from "./live/metrics-collector.js";
import type { MetricsSnapshot, ProcessSnapshot } from "./live/snapshot.js";
import { toDuration, toTimestamp } from "./timestamp.js";

const internalServices = /^(grpc\.(health|reflection)|admin)\./;

// Some 5 kB each: a message stays far below the limit of its size.
const historyChunk = 20;

/** The handlers of LiveMetricsService, and the end of those that are open. */
export interface LiveMetrics {
  readonly handlers: ServiceImpl<typeof LiveMetricsService>;
  /** Ends open streams with `unavailable`. */
  close(): void;
}

/** Makes the handlers of LiveMetricsService. */
export function createLiveMetrics(collector: MetricsCollector): LiveMetrics {
  const closing = new Set<() => void>();
  let closed = false;
  const toUsualMessage = createToMessage(false);
  const toWholeMessage = createToMessage(true);

  async function* watch(signal: AbortSignal) {
    let wake = (): void => {};
    const notify = () => wake();
    const unwatch = collector.watch(notify);
    closing.add(notify);
    signal.addEventListener("abort", notify, { once: true });
    try {
      let seen: MetricsSnapshot | undefined;
      for (;;) {
        signal.throwIfAborted();
        if (closed) {
          throw new ConnectError(
            "the server is shutting down",
            Code.Unavailable,
          );
        }
        const newest = collector.history().at(-1);
        if (newest !== undefined && newest !== seen) {
          seen = newest;
          yield newest;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener("abort", notify);
      closing.delete(notify);
      unwatch();
    }
  }

  return {
    close() {
      closed = true;
      for (const end of closing) {
        end();
      }
    },
    handlers: {
      async *watchMetrics({ history = 150, includeInternal }, { signal }) {
        const toMessage = includeInternal ? toWholeMessage : toUsualMessage;
        const past = history === 0 ? [] : collector.history().slice(-history);
        for (let start = 0; start < past.length; start += historyChunk) {
          const chunk = past.slice(start, start + historyChunk);
          yield { snapshots: chunk.map(toMessage), history: true };
        }
        const last = past.at(-1);
        for await (const snapshot of watch(signal)) {
          if (snapshot !== last) {
            yield { snapshots: [toMessage(snapshot)], history: false };
          }
        }
      },
    },
  };
}

/** Makes the message of each snapshot once, for however many watch. */
function createToMessage(includeInternal: boolean) {
  const made = new WeakMap<MetricsSnapshot, SnapshotMessage>();
  return (snapshot: MetricsSnapshot): SnapshotMessage => {
    let message = made.get(snapshot);
    if (message === undefined) {
      message = create(MetricsSnapshotSchema, {
        time: toTimestamp(snapshot.time),
        processes: snapshot.processes.map((process) =>
          toProcessMessage(process, includeInternal),
        ),
      });
      made.set(snapshot, message);
    }
    return message;
  };
}

function toProcessMessage(process: ProcessSnapshot, includeInternal: boolean) {
  const { windowMs, methods } = process;
  return {
    service: process.service,
    role: process.role === "server" ? ProcessRole.SERVER : ProcessRole.WORKER,
    up: process.up,
    reason: process.reason ?? "",
    window: windowMs === undefined ? undefined : toDuration(windowMs),
    methods: methods
      .filter(
        ({ sample }) =>
          includeInternal || !internalServices.test(sample.service),
      )
      .sort(compareMethods)
      .map(toMethodMessage),
    startedAt: toTimestamp(process.startedAt),
    cpu: process.cpu ?? 0,
    memoryBytes: process.memoryBytes ?? 0,
    eventLoopLagSeconds: process.eventLoopLagSeconds ?? 0,
  };
}

function compareMethods(
  { sample: a }: MethodRates,
  { sample: b }: MethodRates,
) {
  return (
    b.side.localeCompare(a.side) ||
    a.service.localeCompare(b.service) ||
    a.method.localeCompare(b.method)
  );
}

function toMethodMessage({ sample, latency, ...rates }: MethodRates) {
  return {
    side: sample.side === "server" ? CallSide.SERVER : CallSide.CLIENT,
    type: sample.type,
    service: sample.service,
    method: sample.method,
    rate: rates.rate,
    inFlight: sample.inFlight,
    codes: [...rates.codes],
    latency: latency && {
      meanSeconds: latency.mean,
      p50Seconds: latency.p50,
      p90Seconds: latency.p90,
      p95Seconds: latency.p95,
      p99Seconds: latency.p99,
    },
    total: rates.total,
    failedTotal: rates.failedTotal,
  };
}
