import { markdownTable } from "@both-ends/bench";
import type { ArmResult } from "./soak-arm.js";
import {
  allowedGrowthBytes,
  heapTrend,
  renderSlope,
  type SoakVerdict,
} from "./soak-verdict.js";

/** A soak that has ended. */
export interface Soak {
  readonly seed: number;
  readonly unary: number;
  readonly streams: number;
  /** Whether the unary calls took the fast lane. */
  readonly lane: boolean;
  readonly measured: ArmResult;
  readonly bare: ArmResult;
  readonly verdict: SoakVerdict;
}

/** Renders a soak in Markdown; the last line is the verdict. */
export function renderSoak(soak: Soak): string {
  const { seed, unary, streams, lane, measured, bare, verdict } = soak;
  return `${unary.toLocaleString("en-US")} unary calls${lane ? " on the fast lane of both ends" : ""} and ${streams.toLocaleString("en-US")} streams over gRPC, gRPC-Web and Connect, ${lane ? "of those on the lane a hundredth abandoned and a hundredth failed, of the others " : ""}a tenth abandoned and a twentieth
failed, seed ${seed}; the same calls with and without metrics on both ends.

${renderSamples(measured, bare)}

${renderCounts(measured)}

${renderTrend(measured, bare)}

verdict: ${verdict.passed ? "pass" : "FAIL"}: ${verdict.findings.join("; ")}
`;
}

/** The heap at each tenth of the calls. */
function renderSamples(measured: ArmResult, bare: ArmResult): string {
  const count = measured.samples.length;
  const rows = Array.from({ length: Math.min(10, count) }, (_, tenth) => {
    const index = Math.ceil(((tenth + 1) * count) / 10) - 1;
    const own = measured.samples[index];
    const other = bare.samples[index];
    return [
      integer(own?.calls),
      integer(kib(own?.heapBytes)),
      integer(kib(other?.heapBytes)),
      integer(kib(own?.rssBytes) / 1_024),
      integer(Number(own?.elapsedMs) / 1_000),
    ];
  });
  return markdownTable(
    ["calls", "heap KiB", "without metrics", "RSS MiB", "s"],
    rows,
  );
}

function renderCounts({ counts }: ArmResult): string {
  return markdownTable(
    ["side", "started", "handled", "in flight"],
    Object.entries(counts ?? {}).map(
      ([side, { started, handled, inFlight }]) => [
        side,
        integer(started),
        integer(handled),
        integer(inFlight),
      ],
    ),
  );
}

function renderTrend(measured: ArmResult, bare: ArmResult): string {
  const own = heapTrend(measured.samples);
  const other = heapTrend(bare.samples);
  if (own === undefined || other === undefined) {
    return "Too few samples to tell the slope of the heap.";
  }
  const allowed = (allowedGrowthBytes / own.calls).toFixed(1);
  return `Slope of the heap over the second half: ${renderSlope(own.line)} with metrics,
${renderSlope(other.line)} without. Allowed are ${allowed}, which is ${allowedGrowthBytes / 1_024} KiB in all.`;
}

function kib(bytes: number | undefined): number {
  return Number(bytes) / 1_024;
}

function integer(value: number | undefined): string {
  return value === undefined || Number.isNaN(value)
    ? "–"
    : Math.round(value).toLocaleString("en-US");
}
