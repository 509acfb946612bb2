import { redactUri } from "@both-ends/mongo";
import { type BringUpOptions, bringUp } from "./bring-up.js";
import type { ChildExit } from "./child.js";
import { wantsColor } from "./colors.js";
import { createDatabaseGate, type DatabaseGate } from "./database-gate.js";
import { type Interrupts, watchInterrupts } from "./interrupts.js";
import type { ProcessFailure } from "./kept-process.js";
import { createLogOutput } from "./log-output.js";
import {
  createPrettyFormatter,
  formatJson,
  type LogFormatter,
} from "./logs.js";
import type { Plan } from "./plan.js";
import { preparePlan } from "./prepare-plan.js";
import { describe, type Readiness } from "./readiness.js";
import type { RestartPolicy } from "./restart-policy.js";
import { createSpeech, type Speech } from "./speech.js";
import { createSupervisor, type Supervisor } from "./supervisor.js";
import { renderWelcome } from "./table.js";

/** What to launch, and within which bounds. */
export interface LaunchOptions
  extends Pick<
    BringUpOptions,
    "databaseTimeoutMs" | "readyTimeoutMs" | "degradedGraceMs"
  > {
  /** The root of the repository, under which the programs are found. */
  root: string;
  /** Whether Prometheus and Grafana look on, where found. By default, false. */
  observe?: boolean;
  /** By default, five deaths within a minute are too many. */
  restart?: RestartPolicy;
  /** By default, all end within 9 seconds. */
  stageDeadlinesMs?: readonly [number, number, number, number];
}

type Ending =
  | { readonly kind: "interrupted"; readonly reason: string }
  | {
      readonly kind: "failed";
      readonly reason: string;
      /** Absent where no single process is to blame. */
      readonly failure?: ProcessFailure;
    };

/** With this exit code a service refuses its command line or configuration. */
const usageExitCode = 2;

const { stdout, stderr, env } = process;

/**
 * Runs the whole system until a signal ends it or a process cannot be kept
 * running: logs on standard output, its own words on standard error. Answers
 * the exit code: 0, or 1 after a failure, whose reason is the last line.
 */
export async function launch(options: LaunchOptions): Promise<number> {
  // A terminal that is gone must not keep the rest from ending in order.
  stderr.on("error", () => {});
  const speech = createSpeech(stderr, env);
  const preparation = await preparePlan(options.root, env, options);
  if (preparation.kind === "refusal") {
    speech.say(preparation.text);
    return 1;
  }
  const interrupts = watchInterrupts(stdout, {
    parentPid: env.npm_lifecycle_event ? process.ppid : undefined,
  });
  try {
    return await runPlan(preparation.plan, options, { speech, interrupts });
  } finally {
    interrupts.close();
  }
}

async function runPlan(
  plan: Plan,
  options: LaunchOptions,
  { speech, interrupts }: { speech: Speech; interrupts: Interrupts },
): Promise<number> {
  const begin = performance.now();
  const format = createFormatter(plan);
  const logs = createLogOutput(stdout, format);
  const gate = createDatabaseGate(speech.say);
  const supervisor = createSupervisor({
    ...options,
    env,
    onLine: (line) => {
      if (!gate.take(line)) {
        logs.write(line);
      }
    },
    onNotice: speech.warn,
    isFinal: (name, exit) => isFinal(name, exit, gate),
  });
  const over = new AbortController();
  const { signal } = over;
  const ended = watchEnd(interrupts, supervisor);
  const { say } = speech;
  const up = bringUp({ ...options, plan, supervisor, gate, say, signal });
  const shown = up.then((states) => {
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    say(`everything is up after ${seconds} s`);
    say(welcome(plan, states, speech));
    logs.open();
    return ended;
  });
  const ending = await Promise.race([ended, shown.catch(toFailure)]);
  over.abort();
  await endInOrder(ending, { supervisor, interrupts, speech });
  if (ending.kind === "interrupted") {
    return 0;
  }
  if (ending.failure) {
    showLastLines(ending.failure, format, speech);
  } else {
    logs.open();
  }
  say(`ended everything: ${ending.reason}`);
  return 1;
}

/**
 * A process that refuses its configuration, and an embedded database that
 * cannot be had, have said why; the next try would say the same.
 */
function isFinal(name: string, exit: ChildExit, gate: DatabaseGate): boolean {
  return name === "database"
    ? exit.code !== null && !gate.isReady()
    : exit.code === usageExitCode;
}

async function watchEnd(
  interrupts: Interrupts,
  supervisor: Supervisor,
): Promise<Ending> {
  return await Promise.race([
    interrupts.first.then(
      (reason): Ending => ({ kind: "interrupted", reason }),
    ),
    supervisor.failure.then(
      (failure): Ending => ({
        kind: "failed",
        reason: failure.reason,
        failure,
      }),
    ),
  ]);
}

async function endInOrder(
  ending: Ending,
  parts: { supervisor: Supervisor; interrupts: Interrupts; speech: Speech },
): Promise<void> {
  const { supervisor, interrupts, speech } = parts;
  const why = ending.kind === "interrupted" ? ` (${ending.reason})` : "";
  speech.say(`ending everything${why}: workers, servers, database`);
  await Promise.race([
    supervisor.stop(),
    interrupts.second.then(() => {
      speech.warn("killing what is left");
      supervisor.killAll();
    }),
  ]);
  if (ending.kind === "interrupted") {
    speech.say("ended");
  }
}

function showLastLines(
  failure: ProcessFailure,
  format: LogFormatter,
  speech: Speech,
): void {
  if (failure.lastLines.length > 0) {
    speech.say(`the last lines of ${failure.process}:`);
    stderr.write(failure.lastLines.map(format).join(""));
  }
}

function createFormatter(plan: Plan): LogFormatter {
  const names = [
    ...plan.processes.map(({ name }) => name),
    ...(plan.database ? [plan.database.name] : []),
  ];
  return stdout.isTTY
    ? createPrettyFormatter(names, { color: wantsColor(stdout, env) })
    : formatJson;
}

function welcome(
  plan: Plan,
  states: ReadonlyMap<string, Readiness>,
  speech: Speech,
): string {
  const warnings = [...states]
    .filter(([, state]) => state.status !== "ready")
    .map(([name, state]) => `${name} is ${describe(state)}`);
  return renderWelcome(plan, {
    database: redactUri(plan.mongodbUri),
    warnings: [...warnings, ...(plan.notes ?? [])],
    // A terminal that does not know its width says 0.
    columns: stderr.columns || undefined,
    emphasize: speech.emphasize,
  });
}

function toFailure(error: unknown): Ending {
  const reason = error instanceof Error ? error.message : String(error);
  return { kind: "failed", reason };
}
