import { setTimeout as delay } from "node:timers/promises";
import {
  type Child,
  type ChildExit,
  type StartChildOptions,
  startChild,
} from "./child.js";
import type { OutputLine } from "./logs.js";
import type { ProcessPlan } from "./plan.js";
import { createDeathJudge, type RestartPolicy } from "./restart-policy.js";

/** How {@link keepProcess} keeps a process running. */
export interface KeepOptions extends StartChildOptions {
  /** Hears of every death and every restart. */
  onNotice: (text: string) => void;
  /** Hears why the process is not started again. */
  onFailure: (failure: ProcessFailure) => void;
  /**
   * Whether this end of a process is final, so that to start it again is of
   * no use. By default, no end is.
   */
  isFinal?: (process: string, exit: ChildExit) => boolean;
  /** By default, that of {@link RestartPolicy}. */
  restart?: RestartPolicy;
}

/** Why a process could not be kept running. */
export interface ProcessFailure {
  readonly process: string;
  readonly reason: string;
  /** What it wrote last, at most 20 lines. */
  readonly lastLines: readonly OutputLine[];
}

/** A process that is started again whenever it dies. */
export interface KeptProcess {
  readonly plan: ProcessPlan;
  isAlive(): boolean;
  /** Settles when the present life of the process has ended. */
  exited(): Promise<unknown>;
  /** From now on, its end is its end. */
  release(): void;
  /** Asks it to end, by SIGTERM. */
  terminate(): void;
  /** Ends it and whatever it has started, by SIGKILL. */
  kill(): void;
}

const lastLinesKept = 20;

/** Starts a process, and starts it again whenever it dies until released. */
export function keepProcess(
  plan: ProcessPlan,
  options: KeepOptions,
): KeptProcess {
  const { onNotice, onFailure, isFinal = () => false } = options;
  const { name } = plan;
  const judge = createDeathJudge(options.restart);
  const released = new AbortController();
  let alive = false;
  let lastLines: OutputLine[] = [];

  const onLine = (line: OutputLine) => {
    lastLines = [...lastLines.slice(1 - lastLinesKept), line];
    options.onLine(line);
  };
  const start = (): Child => {
    const started = startChild(plan, { ...options, onLine });
    alive = true;
    void started.exited.then((exit) => {
      alive = false;
      if (!released.signal.aborted) {
        void die(exit);
      }
    });
    return started;
  };
  const die = async (exit: ChildExit) => {
    if (isFinal(name, exit)) {
      const reason = `${name} ended with ${exit.reason}`;
      onFailure({ process: name, reason, lastLines });
      return;
    }
    const verdict = judge(performance.now());
    if (verdict.kind === "give-up") {
      const reason = `${name} ${verdict.text}, the last time with ${exit.reason}`;
      onFailure({ process: name, reason, lastLines });
      return;
    }
    onNotice(`${name} died with ${exit.reason}, ${verdict.text}`);
    try {
      await delay(verdict.pauseMs, undefined, { signal: released.signal });
    } catch {
      return;
    }
    lastLines = [];
    child = start();
    onNotice(`${name} started again as process ${child.pid}`);
  };

  let child = start();
  return {
    plan,
    isAlive: () => alive,
    exited: () => child.exited,
    release: () => released.abort(),
    terminate: () => child.terminate(),
    kill: () => child.kill(),
  };
}
