import type { LongRun, RunOptions, Section } from "./long-run.js";
import { runArmProcess } from "./run-arm.js";
import { renderSoak } from "./soak-report.js";
import { judgeSoak } from "./soak-verdict.js";

/** No more calls are made after this time. */
const limitMs = 30 * 60_000;

/**
 * Makes 500,000 unary calls and 50,000 streams over real connections, in one
 * process with metrics on both ends and in another without, and compares their
 * heaps. Fails if a call was not counted right, or the heap grows.
 */
export const soakMetricsRun: LongRun = {
  name: "soak-metrics",
  title: "Metrics under a long load",
  timeLimitMs: limitMs + 60_000,
  run: (options) =>
    soak(options, { unary: 500_000, streams: 50_000, lane: false }),
};

/** The same with a million calls, the unary ones on the fast lane of both ends. */
export const soakLaneRun: LongRun = {
  name: "soak-lane",
  title: "The fast lane under a long load",
  timeLimitMs: limitMs + 60_000,
  run: (options) =>
    soak(options, { unary: 990_000, streams: 10_000, lane: true }),
};

async function soak(
  { seed, scale }: RunOptions,
  load: { unary: number; streams: number; lane: boolean },
): Promise<Section> {
  const plan = {
    seed,
    unary: Math.round(load.unary * scale),
    streams: Math.round(load.streams * scale),
  };
  const { lane } = load;
  const calls = plan.unary + plan.streams;
  const samples = calls < 100_000 ? 20 : 100;
  const run = (name: string, metrics: boolean) =>
    // More than it may take: to settle, and to tell.
    runArmProcess(
      { ...plan, samples, limitMs, metrics, lane },
      limitMs + 45_000,
      (sample) =>
        process.stderr.write(
          `${name}: ${sample.calls} of ${calls} calls after ${Math.round(sample.elapsedMs / 1_000)} s, heap ${Math.round(sample.heapBytes / 1_024)} KiB\n`,
        ),
    );
  const [measured, bare] = await Promise.all([
    run("with metrics", true),
    run("without metrics", false),
  ]);
  const verdict = judgeSoak(measured, bare, calls);
  const text = renderSoak({ ...plan, lane, measured, bare, verdict });
  return { text, passed: verdict.passed };
}
