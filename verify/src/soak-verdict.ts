import { fitLine, type Line } from "@both-ends/bench";
import type { ArmResult, HeapSample } from "./soak-arm.js";

/**
 * What the heap may grow by over the second half of a run. V8's own caches
 * vary by less than this from one collection to the next. In a full run the
 * second half abandons 27,500 calls, so it is less than 10 bytes for each of
 * them, and the least that a lost call would keep is some 100.
 */
export const allowedGrowthBytes = 256 * 1_024;

/** How sure a growth has to be, in standard errors. */
const certainty = 3;

/** How the heap moved over the second half of a run. */
export interface HeapTrend {
  /** Bytes per call. */
  readonly line: Line;
  /** Calls in the second half. */
  readonly calls: number;
}

/** What a soak has shown. */
export interface SoakVerdict {
  readonly passed: boolean;
  /** One sentence for each thing that is wrong, or that explains a pass. */
  readonly findings: readonly string[];
}

/**
 * Fits a line through the second half of the samples: the first fills caches.
 * Undefined for fewer than six samples.
 */
export function heapTrend(
  samples: readonly HeapSample[],
): HeapTrend | undefined {
  if (samples.length < 6) {
    return undefined;
  }
  const half = samples.slice(Math.floor(samples.length / 2));
  const line = fitLine(
    half.map(({ calls, heapBytes }) => ({ x: calls, y: heapBytes })),
  );
  const calls = Number(half.at(-1)?.calls) - Number(half[0]?.calls);
  return { line, calls };
}

/** Judges a run with metrics by itself, and by the same run without. */
export function judgeSoak(
  measured: ArmResult,
  bare: ArmResult,
  plannedCalls: number,
): SoakVerdict {
  const wrong = [
    ...judgeCompleteness("with metrics", measured, plannedCalls),
    ...judgeCompleteness("without metrics", bare, plannedCalls),
    ...judgeCounts(measured),
  ];
  const trend = judgeHeap(measured, bare);
  wrong.push(...trend.wrong);
  return wrong.length > 0
    ? { passed: false, findings: wrong }
    : { passed: true, findings: trend.notes };
}

function judgeHeap(measured: ArmResult, bare: ArmResult) {
  const own = heapTrend(measured.samples);
  const other = heapTrend(bare.samples);
  if (own === undefined || other === undefined) {
    return { wrong: ["too few samples of the heap"], notes: [] };
  }
  if (!grows(own.line, own.calls)) {
    return { wrong: [], notes: ["the heap does not grow"] };
  }
  const excess = {
    slope: own.line.slope - other.line.slope,
    standardError: Math.hypot(own.line.standardError, other.line.standardError),
  };
  return grows(excess, own.calls)
    ? {
        wrong: [
          `the heap grows by ${renderSlope(excess)} more than without metrics`,
        ],
        notes: [],
      }
    : {
        wrong: [],
        notes: ["the heap grows, but not more than without metrics"],
      };
}

/** A slope with its uncertainty, for people. */
export function renderSlope({ slope, standardError }: Line): string {
  return `${slope.toFixed(1)} ± ${standardError.toFixed(1)} bytes per call`;
}

function grows({ slope, standardError }: Line, calls: number): boolean {
  return slope - certainty * standardError > allowedGrowthBytes / calls;
}

function judgeCompleteness(
  name: string,
  { samples, surprises }: ArmResult,
  plannedCalls: number,
): string[] {
  const calls = samples.at(-1)?.calls ?? 0;
  const wrong = Object.entries(surprises).map(
    ([what, times]) => `${name}, ${times} × ${what}`,
  );
  return calls === plannedCalls
    ? wrong
    : [...wrong, `${name}, ${calls} of ${plannedCalls} calls in time`];
}

function judgeCounts({ counts, samples }: ArmResult): string[] {
  if (counts === undefined) {
    return ["nothing was counted"];
  }
  const wrong: string[] = [];
  for (const [side, { started, handled, inFlight }] of Object.entries(counts)) {
    if (started !== handled || inFlight !== 0) {
      wrong.push(
        `${side}: ${started} started, ${handled} handled, ${inFlight} in flight`,
      );
    }
  }
  const calls = samples.at(-1)?.calls;
  if (counts.client.started !== calls) {
    wrong.push(`client: ${counts.client.started} of ${calls} calls counted`);
  }
  return wrong;
}
