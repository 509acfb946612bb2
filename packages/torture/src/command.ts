import { Command, CommanderError } from "commander";
import { faultNames } from "./faults.js";
import { formatResult } from "./format-result.js";
import { missedLimits } from "./limits.js";
import { OptionError, type TortureOptions } from "./options.js";
import {
  parseList,
  parseNumber,
  parseShare,
  parseTimeMs,
  parseWords,
} from "./parse-values.js";
import { methodNames, protocolNames } from "./routes.js";
import { createProgressDisplay, type ProgressStream } from "./show-progress.js";
import { torture } from "./torture.js";

/** Where a command writes, and what ends it. */
export interface CommandContext {
  stdout: NodeJS.WritableStream;
  stderr: ProgressStream;
  /** Ends the load early; what was done is reported. */
  signal: AbortSignal;
}

/** What the options of the command are read into. */
interface CommandOptions
  extends Omit<TortureOptions, "targets" | "signal" | "onProgress"> {
  edge?: string;
  revertName?: string;
  time?: string;
  duration?: number;
  timeout?: number;
  tickInterval?: number;
  json?: true;
  maxErrorRate: number;
  maxP99?: number;
}

/**
 * Runs the command line of the load generator and answers its exit code: 0 if
 * the run kept to its limits, 1 if it missed any, 2 if the options are wrong.
 *
 * The result goes to the standard output, everything else to the error output.
 */
export async function runCommand(
  args: readonly string[],
  context: CommandContext,
): Promise<number> {
  const { stdout, stderr } = context;
  let exitCode = 0;
  const program = createProgram()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
    })
    .action(async (options: CommandOptions) => {
      exitCode = await runLoad(options, context);
    });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : 2;
    }
    if (error instanceof OptionError) {
      stderr.write(`error: ${error.message}\n`);
      return 2;
    }
    throw error;
  }
}

async function runLoad(
  options: CommandOptions,
  { stdout, stderr, signal }: CommandContext,
): Promise<number> {
  const { edge, revertName, time, duration, timeout, tickInterval } = options;
  const { json, maxErrorRate, maxP99, ...same } = options;
  const display = createProgressDisplay(stderr);
  let result: Awaited<ReturnType<typeof torture>>;
  try {
    result = await torture({
      ...same,
      targets: {
        ...(edge !== undefined && { edge }),
        ...(revertName !== undefined && { "revert-name": revertName }),
        ...(time !== undefined && { time }),
      },
      durationMs: duration,
      timeoutMs: timeout,
      tickIntervalMs: tickInterval,
      signal,
      onProgress: display.show,
    });
  } finally {
    display.end();
  }
  const missed = missedLimits(result, { maxErrorRate, maxP99Ms: maxP99 });
  (json ? stderr : stdout).write(formatResult(result));
  if (json) {
    stdout.write(`${JSON.stringify({ ...result, missedLimits: missed })}\n`);
  }
  for (const limit of missed) {
    stderr.write(`limit missed: ${limit}\n`);
  }
  return missed.length === 0 ? 0 : 1;
}

/** Declares the options; what they mean is documented at TortureOptions. */
function createProgram(): Command {
  return new Command("torture")
    .description("Puts load on the services, with every kind of call and fault")
    .option(
      "--rate <calls>",
      "begin so many calls a second, whatever becomes of them",
      parseNumber,
    )
    .option(
      "--concurrency <callers>",
      "callers that each call again when answered (default: 8)",
      parseNumber,
    )
    .option(
      "--duration <time>",
      "how long (default: 10s unless --calls is given)",
      parseTimeMs,
    )
    .option("--calls <count>", "how many calls at most", parseNumber)
    .option(
      "--timeout <time>",
      "how long a call may take (default: 5s)",
      parseTimeMs,
    )
    .option(
      "--protocols <list>",
      `ways in (default: ${protocolNames})`,
      parseWords(protocolNames),
    )
    .option(
      "--methods <list>",
      `methods (default: ${methodNames})`,
      parseWords(methodNames),
    )
    .option("--names <list>", "names to reverse (default: ten)", parseList)
    .option(
      "--faults <list>",
      "names that fail on purpose (default: all 18)",
      parseWords(faultNames),
    )
    .option(
      "--fault-ratio <share>",
      "share of names that fail on purpose (default: 0.1)",
      parseShare,
    )
    .option(
      "--messages <count>",
      "names or beats in a stream (default: 3)",
      parseNumber,
    )
    .option(
      "--ticks <count>",
      "ticks after which a watcher leaves (default: 2)",
      parseNumber,
    )
    .option(
      "--tick-interval <time>",
      "time between two ticks (default: 250ms)",
      parseTimeMs,
    )
    .option(
      "--connections <count>",
      "HTTP/2 connections to each target (default: 4)",
      parseNumber,
    )
    .option(
      "--max-outstanding <count>",
      "with --rate, calls in flight beyond which more are dropped (default: 500)",
      parseNumber,
    )
    .option(
      "--seed <number>",
      "repeats the calls of the run that printed it",
      parseNumber,
    )
    .option("--edge <url>", "address of edge (default: http://127.0.0.1:8012)")
    .option(
      "--revert-name <url>",
      "address of revert-name (default: http://127.0.0.1:8011)",
    )
    .option("--time <url>", "address of time (default: http://127.0.0.1:8010)")
    .option(
      "--allow-remote <hosts>",
      "hosts that may be called though they are not this machine",
      parseList,
    )
    .option("--heartbeat-token <token>", "bearer token of heartbeats")
    .option(
      "--beat-as <service>",
      "store the beats under this name (default: edge rejects and forgets them)",
    )
    .option(
      "--max-error-rate <share>",
      "share of calls that may end unexpectedly or be dropped",
      parseShare,
      0,
    )
    .option("--max-p99 <time>", "largest p99 of any unary method", parseTimeMs)
    .option(
      "--json",
      "print the result as JSON, and all else on the error output",
    )
    .addHelpText(
      "after",
      "\nExit code: 0 limits kept, 1 a limit missed, 2 wrong usage. Ctrl-C ends the load and prints what was done.",
    );
}
