import { setTimeout as delay } from "node:timers/promises";
import { waitFor } from "@both-ends/testing";
import type { Db } from "mongodb";
import {
  createJob,
  editSchedule,
  pauseJob,
  removeJob,
  resumeJob,
  runJobNow,
  StaleRevisionError,
} from "./edit-job.js";
import { findJob, type ScheduledJob } from "./scheduled-job.js";
import { useWorkerProcess, type WorkerProcess } from "./use-worker-process.js";

/** What people and accidents do to a job. */
export type ActionKind =
  | "edit"
  | "edit twice"
  | "pause"
  | "resume"
  | "delete"
  | "create"
  | "run now"
  | "crash"
  | "start";

/** An action that was done. */
export interface DoneAction {
  readonly kind: ActionKind;
  /** When it was asked for, and when it was answered. */
  readonly from: number;
  readonly to: number;
  /** The job after it, if it changed the job. */
  readonly job?: ScheduledJob;
}

/** A start of the job's work, as its worker told. */
export interface SeenRun {
  readonly runId: string;
  readonly slot: number;
  readonly startedAt: number;
  /** When it ended, or its worker was killed. */
  readonly endedAt: number;
}

/** What happened in one round. */
export interface Round {
  readonly actions: readonly DoneAction[];
  readonly runs: readonly SeenRun[];
}

/** The lifetime of the lock in a round, in milliseconds. */
export const lockMs = 2_000;

const workMs = 300;
const intervals = [1_000, 1_500, 2_000];

interface Crew {
  readonly live: Set<WorkerProcess>;
  readonly all: { worker: WorkerProcess; killedAt?: number }[];
}

/** Draws numbers from 0 to 1, the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Does eight random things to a job of two worker processes, then lets it run
 * twice more: once by hand, once by its schedule.
 */
export async function playRound(
  t: { after(fn: () => Promise<unknown>): void },
  { uri, db, seed }: { uri: string; db: Db; seed: number },
): Promise<Round> {
  const random = createRandom(seed);
  const crew: Crew = { live: new Set(), all: [] };
  const actions: DoneAction[] = [];
  const start = () => startWorker(t, { uri, db, crew });
  start();
  start();
  await waitFor("the job", async () => await findJob(db, "tick"), {
    timeoutMs: 60_000,
  });
  const act = async (kind: ActionKind): Promise<ScheduledJob | undefined> => {
    const from = Date.now();
    const job = await perform(kind, { db, crew, start, random });
    actions.push({ kind, from, to: Date.now(), job });
    return job;
  };
  for (let index = 0; index < 8; index += 1) {
    await delay(random() * 700);
    await act(choose(await findJob(db, "tick"), crew, random));
  }
  while (crew.live.size < 2) {
    await act("start");
  }
  const job = await findJob(db, "tick");
  if (job?.state === "paused") {
    await act("resume");
  } else if (job?.state === "removed") {
    await act("create");
  }
  const asked = (await act("run now"))?.nextRunAt?.getTime() ?? Number.NaN;
  await waitFor(
    "a run by hand and one by the schedule",
    () => {
      const slots = seenRuns(crew).map(({ slot }) => slot);
      return slots.includes(asked) && Math.max(...slots) > asked;
    },
    { timeoutMs: 60_000 },
  );
  await Promise.all([...crew.live].map((worker) => worker.close()));
  return { actions, runs: seenRuns(crew) };
}

function startWorker(
  t: { after(fn: () => Promise<unknown>): void },
  { uri, db, crew }: { uri: string; db: Db; crew: Crew },
): void {
  const worker = useWorkerProcess(t, {
    uri,
    tickMs: 1_000,
    workMs,
    lockMs,
    processEveryMs: 250,
    databaseName: db.databaseName,
  });
  crew.live.add(worker);
  crew.all.push({ worker });
}

function choose(
  job: ScheduledJob | undefined,
  { live }: Crew,
  random: () => number,
): ActionKind {
  const possible: ActionKind[] = [];
  if (job?.state === "removed") {
    possible.push("create", "create");
  } else {
    possible.push("edit", "edit", "edit", "edit twice", "delete");
    possible.push(...(job?.state === "paused" ? resuming : running));
  }
  possible.push(...(live.size > 0 ? (["crash", "crash"] as const) : []));
  possible.push(...(live.size < 2 ? (["start", "start"] as const) : []));
  return possible[Math.floor(random() * possible.length)] ?? "edit";
}

const resuming = ["resume", "resume", "resume"] as const;
const running = ["pause", "run now", "run now"] as const;

async function perform(
  kind: ActionKind,
  {
    db,
    crew,
    start,
    random,
  }: { db: Db; crew: Crew; start: () => void; random: () => number },
): Promise<ScheduledJob | undefined> {
  const every = intervals[Math.floor(random() * intervals.length)] ?? 1_000;
  const { revision = 0 } = (await findJob(db, "tick")) ?? {};
  switch (kind) {
    case "start":
      start();
      return undefined;
    case "crash":
      await crash(crew, random);
      return undefined;
    case "edit":
      return await editSchedule(db, "tick", { revision, every });
    case "edit twice":
      return await editTwice(db, { revision, every });
    case "pause":
      return await pauseJob(db, "tick", { revision });
    case "resume":
      return await resumeJob(db, "tick", { revision });
    case "delete":
      return await removeJob(db, "tick", { revision });
    case "create":
      return await createJob(db, "tick", { revision, every });
    case "run now":
      return await runJobNow(db, "tick", { revision });
  }
}

async function editTwice(
  db: Db,
  { revision, every }: { revision: number; every: number },
): Promise<ScheduledJob> {
  const edits = await Promise.allSettled(
    [every, every + 250].map((ms) =>
      editSchedule(db, "tick", { revision, every: ms }),
    ),
  );
  const done = edits.flatMap((edit) =>
    edit.status === "fulfilled" ? [edit.value] : [],
  );
  const refused = edits.flatMap((edit) =>
    edit.status === "rejected" ? [edit.reason] : [],
  );
  const [job] = done;
  if (job === undefined || done.length !== 1) {
    throw new Error(`${done.length} of two edits of one revision were made`);
  }
  if (!(refused[0] instanceof StaleRevisionError)) {
    throw refused[0];
  }
  return job;
}

async function crash(crew: Crew, random: () => number): Promise<void> {
  const live = [...crew.live];
  const worker = live[Math.floor(random() * live.length)];
  if (worker === undefined) {
    return;
  }
  crew.live.delete(worker);
  const member = crew.all.find((one) => one.worker === worker);
  await worker.kill();
  if (member !== undefined) {
    // Once it is gone: until then it may have done anything.
    member.killedAt = Date.now();
  }
}

function seenRuns({ all }: Crew): SeenRun[] {
  return all
    .flatMap(({ worker: { messages }, killedAt }) =>
      messages.flatMap((start) => {
        if (start.kind !== "start") {
          return [];
        }
        const end = messages.find(
          (message) => message.kind === "end" && message.runId === start.runId,
        );
        return [
          {
            runId: start.runId,
            slot: Date.parse(start.slot),
            startedAt: start.at,
            endedAt:
              end?.kind === "end"
                ? end.at
                : (killedAt ?? Number.POSITIVE_INFINITY),
          },
        ];
      }),
    )
    .toSorted((a, b) => a.startedAt - b.startedAt);
}
