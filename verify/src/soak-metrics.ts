import { parseArgs } from "node:util";
import { runArmProcess } from "./run-arm.js";
import { renderSoak } from "./soak-report.js";
import { judgeSoak } from "./soak-verdict.js";

const help = `Usage: node --expose-gc verify/dist/soak-metrics.js [options]

Makes 500,000 unary calls and 50,000 streams over real connections, in one
process with metrics on both ends and in another without, and compares their
heaps. Exits with 1 if a call was not counted right, or the heap grows.

  --scale N    a part of the calls, such as 0.01 (1, or $SOAK_SCALE)
  --seed N     the order of the calls (random, or $SOAK_SEED)
  --minutes N  stop making calls after this time (19)
  --help       print this
`;

const { values } = parseArgs({
  options: {
    scale: { type: "string", default: process.env.SOAK_SCALE ?? "1" },
    seed: { type: "string", default: process.env.SOAK_SEED ?? randomSeed() },
    minutes: { type: "string", default: "19" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  process.stdout.write(help);
} else {
  const scale = parsePositive("scale", values.scale);
  const limitMs = parsePositive("minutes", values.minutes) * 60_000;
  const seed = Number(values.seed);
  const passed = await soak(seed, scale, limitMs);
  process.exitCode = passed ? 0 : 1;
}

async function soak(
  seed: number,
  scale: number,
  limitMs: number,
): Promise<boolean> {
  const plan = {
    seed,
    unary: Math.round(500_000 * scale),
    streams: Math.round(50_000 * scale),
  };
  const calls = plan.unary + plan.streams;
  const samples = calls < 100_000 ? 20 : 100;
  const run = (name: string, metrics: boolean) =>
    // More than it may take: to settle, and to tell.
    runArmProcess(
      { ...plan, samples, limitMs, metrics },
      limitMs + 45_000,
      (sample) =>
        process.stderr.write(
          `${name}: ${sample.calls} of ${calls} calls after ${Math.round(sample.elapsedMs / 1_000)} s, heap ${Math.round(sample.heapBytes / 1_024)} KiB\n`,
        ),
    );
  process.stderr.write(`seed ${seed}\n`);
  const [measured, bare] = await Promise.all([
    run("with metrics", true),
    run("without metrics", false),
  ]);
  const verdict = judgeSoak(measured, bare, calls);
  process.stdout.write(renderSoak({ ...plan, measured, bare, verdict }));
  return verdict.passed;
}

function randomSeed(): string {
  return String(Math.floor(Math.random() * 2 ** 32));
}

function parsePositive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) {
    throw new RangeError(`--${name} must be a number above 0, got ${text}`);
  }
  return value;
}
