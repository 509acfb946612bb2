import { setTimeout as delay } from "node:timers/promises";
import {
  type KeepOptions,
  type KeptProcess,
  keepProcess,
  type ProcessFailure,
} from "./kept-process.js";
import type { ProcessPlan } from "./plan.js";

/** How {@link createSupervisor} keeps processes running, and ends them. */
export interface SupervisorOptions extends Omit<KeepOptions, "onFailure"> {
  /**
   * By when, counted from the begin of the stop, the processes of each stage
   * have ended or are killed. By default, 3, 5.5, 7.5 and 9 seconds.
   */
  stageDeadlinesMs?: readonly [number, number, number, number];
}

/** Keeps processes running until it is told to stop. */
export interface Supervisor {
  start(plan: ProcessPlan): void;
  /**
   * Settles with the first process that cannot be kept running. To end the
   * others then is the owner's business.
   */
  readonly failure: Promise<ProcessFailure>;
  /** Ends all processes in the order of their stages. */
  stop(): Promise<void>;
  /** Kills all processes at once. */
  killAll(): void;
}

/** How long a killed process is waited for. */
const afterKillMs = 500;

/** Creates a supervisor that keeps nothing yet. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { onNotice, stageDeadlinesMs = [3000, 5500, 7500, 9000] } = options;
  const all: KeptProcess[] = [];
  let stopping = false;
  let onFailure: (failure: ProcessFailure) => void = () => {};
  const failure = new Promise<ProcessFailure>((resolve) => {
    onFailure = resolve;
  });
  const release = () => {
    stopping = true;
    for (const kept of all) {
      kept.release();
    }
  };

  return {
    failure,
    start(plan) {
      if (!stopping) {
        all.push(keepProcess(plan, { ...options, onFailure }));
      }
    },
    async stop() {
      const begin = performance.now();
      release();
      for (const [stage, deadlineMs] of stageDeadlinesMs.entries()) {
        const members = all.filter(({ plan }) => plan.stopStage === stage);
        await endStage(members, begin + deadlineMs, onNotice);
      }
    },
    killAll() {
      release();
      for (const kept of all) {
        kept.kill();
      }
    },
  };
}

async function endStage(
  members: readonly KeptProcess[],
  deadline: number,
  onNotice: (text: string) => void,
): Promise<void> {
  const living = members.filter((kept) => kept.isAlive());
  for (const kept of living) {
    kept.terminate();
  }
  await exitedBy(deadline, living);
  const stubborn = living.filter((kept) => kept.isAlive());
  for (const { plan } of stubborn) {
    onNotice(`${plan.name} does not end by itself: killing it`);
  }
  // Also of those that have ended: what one leaves in its group goes with it.
  for (const kept of members) {
    kept.kill();
  }
  await exitedBy(performance.now() + afterKillMs, stubborn);
}

/** Waits until these have ended, or for the deadline. */
async function exitedBy(
  deadline: number,
  processes: readonly KeptProcess[],
): Promise<void> {
  const bound = new AbortController();
  const waitMs = Math.max(0, deadline - performance.now());
  const late = delay(waitMs, undefined, { signal: bound.signal });
  await Promise.race([
    Promise.all(processes.map((kept) => kept.exited())),
    late.catch(() => {}),
  ]);
  bound.abort();
}
