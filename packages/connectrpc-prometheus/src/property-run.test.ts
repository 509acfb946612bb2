import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { waitFor } from "@both-ends/testing";
import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import { call } from "./matrix-calls.test.js";
import { spoilt } from "./matrix-wire.test.js";
import { callId } from "./property-handler.test.js";
import { judge, type Outcome } from "./property-judge.test.js";
import { createRandom, drawPlan, type Plan } from "./property-plan.test.js";
import { createWorld, type World } from "./property-world.test.js";

/** What a thread of the property test is to do. */
export interface Task {
  readonly seed: number;
  /** The calls of all threads together. */
  readonly calls: number;
  readonly thread: number;
  readonly threads: number;
}

/** What a thread found. */
export interface Findings {
  /** How often each verdict was given. */
  readonly verdicts: ReadonlyMap<string, number>;
  /** The calls that were counted wrongly, as JSON. */
  readonly wrong: readonly string[];
}

/** Calls that a thread has under way at once. */
const concurrency = 32;

if (!isMainThread) {
  parentPort?.postMessage(await run(workerData));
}

/** Makes the calls of a thread, and judges what both ends counted. */
async function run({ seed, calls, thread, threads }: Task): Promise<Findings> {
  const random = createRandom(seed);
  const plans = Array.from({ length: calls }, (_, id) => drawPlan(id, random));
  const own = plans.filter(({ id }) => id % threads === thread);
  const world = await createWorld(plans);
  try {
    const outcomes = await callAll(world, own);
    world.hangUp();
    await end(world);
    return await judgeAll(world, own, outcomes);
  } finally {
    await world.close();
  }
}

async function callAll(
  world: World,
  plans: readonly Plan[],
): Promise<ReadonlyMap<number, Outcome>> {
  const outcomes = new Map<number, Outcome>();
  const waiting = plans.values();
  const work = async () => {
    for (const plan of waiting) {
      outcomes.set(plan.id, await makeCall(world, plan));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return outcomes;
}

async function makeCall(world: World, plan: Plan): Promise<Outcome> {
  const { caller } = plan;
  const client = world.clientOf(plan);
  // A client may go on for a while with a session that is about to break.
  const start = performance.now() - 250;
  const leaving = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const options: CallOptions = {
    headers: { [callId]: String(plan.id) },
    signal: leaving.signal,
  };
  if (caller.does === "cancels") {
    timers.push(setTimeout(() => leaving.abort(), caller.afterMs));
  }
  if (caller.does === "keeps a deadline") {
    options.timeoutMs = caller.timeoutMs;
  }
  if (plan.cutAfterMs !== undefined) {
    timers.push(setTimeout(() => client.cut(), plan.cutAfterMs));
  }
  const read = await readAnswers(world, plan, options);
  if (caller.does === "breaks" && caller.aborts) {
    leaving.abort();
  }
  for (const timer of timers) {
    clearTimeout(timer);
  }
  const cutSince = () => client.cutAt > start;
  return { ...read, cut: cutSince(), cutSince };
}

/** Reads the answers as far as the caller wants them. */
async function readAnswers(
  world: World,
  plan: Plan,
  options: CallOptions,
): Promise<{ caught: string; left: boolean }> {
  const { caller, kind, requests, ending } = plan;
  const texts = Array<string>(requests).fill("a");
  if (ending === "unreadable" && requests > 0) {
    texts[0] = spoilt;
  }
  const { transport } = world.clientOf(plan);
  const answers = call(kind, transport, texts, options);
  if (caller.does === "never reads") {
    return { caught: "OK", left: true };
  }
  const it = answers[Symbol.asyncIterator]();
  const wanted = caller.does === "breaks" ? caller.after : Infinity;
  try {
    for (let count = 0; count < wanted; count++) {
      const { done } = await soon(it.next(), plan);
      if (done === true) {
        return { caught: "OK", left: false };
      }
    }
    await it.return?.();
    return { caught: "OK", left: true };
  } catch (error) {
    return { caught: Code[ConnectError.from(error).code], left: false };
  }
}

/** Ends the run by an error that tells which call hangs. */
async function soon<T>(step: Promise<T>, plan: Plan): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`hangs: ${JSON.stringify(plan)}`)),
      20_000,
    );
  });
  try {
    return await Promise.race([step, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until no call is in flight any more, on either end. */
async function end(world: World): Promise<void> {
  setFlagsFromString("--expose-gc");
  const gc: () => void = runInNewContext("gc");
  await waitFor(
    "all calls to be over on both ends",
    async () => {
      gc();
      await delay(100);
      assert.deepEqual(await inFlight(world), []);
      return true;
    },
    { timeoutMs: 20_000 },
  );
}

async function inFlight(world: World): Promise<string[]> {
  const open: string[] = [];
  for (const side of ["client", "server"] as const) {
    for (const [id, counted] of await world.counted(side)) {
      if (counted.in_flight !== undefined) {
        open.push(`${id} on the ${side}`);
      }
    }
  }
  return open;
}

async function judgeAll(
  world: World,
  plans: readonly Plan[],
  outcomes: ReadonlyMap<number, Outcome>,
): Promise<Findings> {
  const onClient = await world.counted("client");
  const onServer = await world.counted("server");
  const verdicts = new Map<string, number>();
  const wrong: string[] = [];
  for (const plan of plans) {
    const outcome = outcomes.get(plan.id);
    const client = onClient.get(plan.id);
    const server = onServer.get(plan.id);
    try {
      assert.ok(outcome);
      const verdict = judge(plan, outcome, client, server);
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    } catch (error) {
      const { message } = error as Error;
      wrong.push(JSON.stringify({ message, plan, outcome, client, server }));
    }
  }
  assert.equal(onClient.size, plans.length, "calls on the client");
  return { verdicts, wrong };
}
