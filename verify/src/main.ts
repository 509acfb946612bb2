import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine, renderMachine, writeSection } from "@both-ends/bench";

/** A program that is too long for the tests, and tells by its exit code. */
interface LongRun {
  readonly name: string;
  /** A heading of the summary. */
  readonly title: string;
  /** A compiled file of this folder. It gets `--seed` and `--scale`. */
  readonly program: string;
  readonly timeLimitMs: number;
}

const runs: readonly LongRun[] = [
  {
    name: "soak-metrics",
    title: "Metrics under a long load",
    program: "soak-metrics.js",
    timeLimitMs: 20 * 60_000,
  },
];

const help = `Usage: npm run verify -- [options]

Runs what is too long for the tests, one after the other, and sums it up.

  --only NAME  run this one: ${runs.map(({ name }) => name).join(", ")}
  --seed N     what random choices begin with (random)
  --scale N    a part of the load, such as 0.01 (1)
  --write      also put the summary into docs/reliability.md
  --help       print this
`;

const document = fileURLToPath(
  new URL("../../docs/reliability.md", import.meta.url),
);

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 2 ** 32) },
    scale: { type: "string", default: "1" },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  process.stdout.write(help);
} else {
  process.exitCode = (await verify()) ? 0 : 1;
}

async function verify(): Promise<boolean> {
  const { only, seed, scale, write } = values;
  const chosen = runs.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0) {
    throw new RangeError(`there is no run ${only}; see --help`);
  }
  const machine = renderMachine(describeMachine());
  const parts = [`Long runs of ${machine}; seed ${seed}, scale ${scale}.`];
  let passed = true;
  for (const run of chosen) {
    process.stderr.write(`${run.name}\n`);
    const { output, ok } = await execute(run, [
      "--seed",
      seed,
      "--scale",
      scale,
    ]);
    passed &&= ok;
    parts.push(`## ${run.title}`, output.trim());
  }
  const summary = `${parts.join("\n\n")}\n`;
  process.stdout.write(summary);
  if (write) {
    await writeSection(document, "verify", summary, "Reliability");
  }
  return passed;
}

/** Runs a program to its end, or kills it when its time is up. */
function execute(
  { name, program, timeLimitMs }: LongRun,
  args: readonly string[],
): Promise<{ output: string; ok: boolean }> {
  const file = fileURLToPath(new URL(program, import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--expose-gc", file, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), timeLimitMs);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (code === null) {
        output += `\nverdict: FAIL: ${name} was ended by ${signal} after at most ${timeLimitMs / 60_000} minutes\n`;
      }
      resolve({ output, ok: code === 0 });
    });
  });
}
