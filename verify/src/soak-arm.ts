import { setImmediate } from "node:timers/promises";
import { exposedGc } from "@both-ends/bench";
import { waitFor } from "@both-ends/testing";
import type { CallCounts } from "./call-counts.js";
import { type PlanOptions, planCalls } from "./call-plan.js";
import {
  createBareEnds,
  createMeasuredEnds,
  type Ends,
} from "./measured-ends.js";
import { makeCall } from "./soak-calls.js";
import { createSoakHandlers, type SoakHandlers } from "./soak-handlers.js";
import { createSoakScene, type SoakScene } from "./soak-scene.js";
import { startLaneServer, startServer } from "./soak-server.js";

/** One of the two runs that are compared. */
export interface ArmOptions extends PlanOptions {
  /** How often the heap is looked at. */
  readonly samples: number;
  /** No part is begun after this time. */
  readonly limitMs: number;
  /** Whether both ends have metrics. */
  readonly metrics: boolean;
  /** Whether the calls that can take the fast lane, on both ends. */
  readonly lane: boolean;
}

/** The heap after a garbage collection, when nothing is under way. */
export interface HeapSample {
  readonly calls: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly elapsedMs: number;
}

/** How a run ended. */
export interface ArmResult {
  readonly samples: readonly HeapSample[];
  /** Ends that were not as planned, and how often. */
  readonly surprises: Readonly<Record<string, number>>;
  /** What was counted, undefined without metrics. */
  readonly counts: { server: CallCounts; client: CallCounts } | undefined;
}

/** Calls that are under way at the same time. */
const concurrency = 64;

/** How long the last calls of a part may take to end on both sides. */
const settleMs = 30_000;

/**
 * Makes the planned calls over real connections in this process, in parts, and
 * looks at the heap after each part. Needs `--expose-gc`.
 */
export async function runArm(
  options: ArmOptions,
  onSample: (sample: HeapSample) => void,
): Promise<ArmResult> {
  const ends = options.metrics ? createMeasuredEnds() : createBareEnds();
  const handlers = createSoakHandlers();
  const served = {
    interceptors: ends.server,
    routes(router: Parameters<typeof ends.observe>[0]) {
      handlers.routes(router);
      ends.observe(router);
    },
  };
  const observe = options.lane ? ends.observation : undefined;
  const start = options.lane ? startLaneServer : startServer;
  const http1 = await start("1.1", { ...served, observe });
  const http2 = await start("2", { ...served, observe });
  const addresses = { http1: http1.baseUrl, http2: http2.baseUrl };
  const scene = createSoakScene(handlers, addresses, {
    interceptors: ends.client,
    lane: options.lane,
  });
  try {
    return await runParts(options, scene, ends, onSample);
  } finally {
    scene.cut();
    await Promise.all([http1.close(), http2.close()]);
  }
}

async function runParts(
  options: ArmOptions,
  scene: SoakScene,
  ends: Ends,
  onSample: (sample: HeapSample) => void,
): Promise<ArmResult> {
  const plan = planCalls(options);
  const partSize = Math.ceil(
    (options.unary + options.streams) / options.samples,
  );
  const begin = performance.now();
  const samples: HeapSample[] = [];
  const surprises = new Map<string, number>();
  let calls = 0;
  const inTime = () => performance.now() - begin < options.limitMs;
  for (let part = 0; part < options.samples && inTime(); part++) {
    const end = calls + partSize;
    const work = async () => {
      while (calls < end) {
        const { value: planned, done } = plan.next();
        if (done === true) {
          return;
        }
        calls++;
        const surprise = await makeCall(planned, scene);
        if (surprise !== undefined) {
          surprises.set(surprise, (surprises.get(surprise) ?? 0) + 1);
        }
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    scene.cutShortLived();
    const settled = await settle(scene.handlers, ends);
    const { heapUsed, rss } = process.memoryUsage();
    const sample = {
      calls,
      heapBytes: heapUsed,
      rssBytes: rss,
      elapsedMs: performance.now() - begin,
    };
    samples.push(sample);
    onSample(sample);
    if (!settled) {
      surprises.set(`calls in flight ${settleMs / 1_000} s after their end`, 1);
      break;
    }
  }
  return {
    samples,
    surprises: Object.fromEntries(surprises),
    counts: await ends.counts(),
  };
}

/**
 * Waits until both sides have seen the end of all calls, and tells whether they
 * have. What a reader has dropped is known by the garbage collector alone.
 */
async function settle(handlers: SoakHandlers, ends: Ends): Promise<boolean> {
  const gc = exposedGc();
  const idle = async () => {
    gc();
    await setImmediate();
    const counts = await ends.counts();
    const inFlight =
      (counts?.server.inFlight ?? 0) + (counts?.client.inFlight ?? 0);
    return handlers.active() === 0 && inFlight === 0;
  };
  try {
    await waitFor("all calls to end", idle, { timeoutMs: settleMs });
  } catch {
    return false;
  }
  // Once more: the first collection has run the finalizers of the calls.
  await setImmediate();
  gc();
  return true;
}
