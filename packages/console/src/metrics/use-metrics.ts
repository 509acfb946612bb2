import {
  LiveMetricsService,
  type MetricsSnapshot,
} from "@both-ends/gen/admin/v1/live_metrics_service_pb.js";
import { createClient } from "@connectrpc/connect";
import { useState } from "react";
import type { StreamState } from "../live/follow-stream.js";
import { useLiveStream } from "../live/use-live-stream.js";
import { transport } from "../transport.js";
import { timeOf } from "./time-of.js";

const client = createClient(LiveMetricsService, transport);

/** Ten minutes of them: what a page keeps is bounded. */
const keptSnapshots = 300;

/** What was measured lately. */
export interface LiveMetrics {
  /** Oldest first, at most 300. */
  readonly snapshots: readonly MetricsSnapshot[];
  readonly state: StreamState;
}

/** What {@link useMetrics} is asked for. */
export interface MetricsOptions {
  /** Also the calls of health, reflection and of the consoles. By default, not. */
  includeInternal?: boolean;
}

/** Watches what the processes measure, while the page is seen. */
export function useMetrics(options: MetricsOptions = {}): LiveMetrics {
  const { includeInternal = false } = options;
  const [snapshots, setSnapshots] = useState<readonly MetricsSnapshot[]>([]);
  const state = useLiveStream({
    key: String(includeInternal),
    open: (signal) =>
      client.watchMetrics(
        { includeInternal, history: keptSnapshots },
        // No deadline: it goes on for as long as the page is seen.
        { signal, timeoutMs: 0 },
      ),
    onMessage(message) {
      setSnapshots((before) => appendNewer(before, message.snapshots));
    },
    // A snapshot comes every 2 s.
    stallMs: 12_000,
  });
  return { snapshots, state };
}

/** Leaves out what is there already: a stream that is opened again starts with the past. */
function appendNewer(
  before: readonly MetricsSnapshot[],
  added: readonly MetricsSnapshot[],
): readonly MetricsSnapshot[] {
  const last = before.at(-1);
  const newer = added.filter(
    (snapshot) => last === undefined || timeOf(snapshot) > timeOf(last),
  );
  return [...before, ...newer].slice(-keptSnapshots);
}
