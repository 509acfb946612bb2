import { checkAnswer, countedCalls } from "./rpc-check.js";
import { cpuMs, machineTime, rssBytes } from "./rpc-cpu.js";
import { pace, saturate } from "./rpc-load.js";
import type { Peer, StartRole } from "./rpc-peers.js";
import { type System, startSystem } from "./rpc-system.js";
import { type Summary, summarize } from "./statistics.js";

/** How long and how often to measure. */
export interface RpcRoundOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Requests a second at which times are measured. */
  readonly rates: Readonly<Record<System["kind"], number>>;
  readonly mongodbUri: string;
  /** Tells how far it is. */
  tell(text: string): void;
}

/** What one peer costs for one kind of request. */
export interface RpcCost {
  readonly peer: string;
  /** CPU time of all its processes for a call, in microseconds. */
  readonly cpuUs: Summary;
  /** Calls answered in a second, when as many are sent as are answered. */
  readonly perSecond: Summary;
  /** Times at the given rate, in milliseconds. */
  readonly p50Ms: Summary;
  readonly p99Ms: Summary;
  /** The rate that was really reached. */
  readonly pacedPerSecond: Summary;
  readonly rssBytes: Summary;
  /** From the start of its processes to the first answer, in milliseconds. */
  readonly startMs: Summary;
}

/** All peers, and what else the machine did meanwhile. */
export interface RpcCosts {
  readonly kind: System["kind"];
  readonly costs: readonly RpcCost[];
  /** Share of the machine that others took while a load ran, 0 to 1. */
  readonly others: Summary;
}

/** A peer that has been built. */
export interface BuiltPeer {
  readonly peer: Peer;
  readonly start: StartRole;
}

const starts = 2;

/**
 * Calls before the first measurement: V8 goes on compiling for some thousands.
 * (Of stock connect-node the first 1,000 cost three times what the 10,000th
 * does.) On a machine that is busy it is left at some after a while.
 */
const firstCalls = { rpc: 10_000, proxy: 4_000 };
const firstWarmUp = { seconds: 2, times: 10 };

/** A peer whose processes run. */
interface StartedPeer {
  readonly peer: Peer;
  readonly system: System;
  readonly samples: Samples;
  /** Calls made so far. */
  calls: number;
}

/** A value for each round. */
type Samples = Record<Exclude<keyof RpcCost, "peer">, number[]>;

/**
 * Measures peers in turns, so that a change of the machine's mood meets all of
 * them. Each runs from before the first round to after the last one.
 */
export async function measureRpcs(
  kind: System["kind"],
  built: readonly BuiltPeer[],
  options: RpcRoundOptions,
): Promise<RpcCosts> {
  const running: StartedPeer[] = [];
  const others: number[] = [];
  try {
    for (const { peer, start } of built) {
      options.tell(`${kind}: starting ${peer.name}`);
      running.push(await startPeer(kind, peer, start, options));
    }
    for (let round = 0; round < options.rounds; round += 1) {
      for (let turn = 0; turn < running.length; turn += 1) {
        const one = running[(round + turn) % running.length];
        if (one !== undefined) {
          one.calls += await measureOnce(one, others, options);
          const { cpuUs, perSecond } = one.samples;
          options.tell(
            `${kind}: round ${round + 1} of ${options.rounds}, ${one.peer.name}: ${cpuUs.at(-1)?.toFixed(1)} µs, ${perSecond.at(-1)?.toFixed(0)} a second`,
          );
        }
      }
    }
    for (const one of running) {
      await checkCounts(one);
    }
  } finally {
    for (const { system } of running) {
      await system.stop();
    }
  }
  return {
    kind,
    others: summarize(others),
    costs: running.map(({ peer, samples }) => toCost(peer, samples)),
  };
}

async function startPeer(
  kind: System["kind"],
  peer: Peer,
  start: StartRole,
  { mongodbUri }: RpcRoundOptions,
): Promise<StartedPeer> {
  const startMs: number[] = [];
  for (let i = 0; ; i += 1) {
    const began = performance.now();
    const system = await startSystem(start, kind, mongodbUri);
    try {
      await checkAnswer(system);
    } catch (cause) {
      await system.stop();
      throw new Error(`${peer.name} does not answer as it should`, { cause });
    }
    startMs.push(performance.now() - began);
    if (i === starts - 1) {
      const calls = await warmUp(system);
      return { peer, system, calls, samples: emptySamples(startMs) };
    }
    await system.stop();
  }
}

async function warmUp(system: System): Promise<number> {
  let calls = 0;
  for (let i = 0; i < firstWarmUp.times; i += 1) {
    calls += (await saturate(system, firstWarmUp.seconds)).calls;
    if (calls >= firstCalls[system.kind]) {
      break;
    }
  }
  return calls;
}

/** Tries again if too little was answered: the machine may be very busy. */
async function untilAnswered<T>(
  peer: Peer,
  load: () => Promise<T | undefined>,
): Promise<{ result: T; tries: number }> {
  for (let tries = 1; tries <= 5; tries += 1) {
    const result = await load();
    if (result !== undefined) {
      return { result, tries };
    }
  }
  throw new Error(`${peer.name} answered nothing in 5 tries`);
}

/** Warms up, measures at full load and then at the given rate. */
async function measureOnce(
  { peer, system, samples }: StartedPeer,
  others: number[],
  { seconds, warmUpSeconds, rates }: RpcRoundOptions,
): Promise<number> {
  const warm = await saturate(system, warmUpSeconds);
  const machine = await machineTime();
  const cpu = await cpuMs(system.pids);
  const { result: load, tries } = await untilAnswered(peer, async () => {
    const result = await saturate(system, seconds);
    return result.calls > 0 ? result : undefined;
  });
  const usedMs = (await cpuMs(system.pids)) - cpu;
  const after = await machineTime();
  samples.cpuUs.push((usedMs * 1_000) / load.calls);
  samples.perSecond.push(load.perSecond / tries);
  samples.rssBytes.push(await rssBytes(system.pids));
  const otherMs =
    after.busyMs - machine.busyMs - usedMs - (after.ownMs - machine.ownMs);
  others.push(Math.max(0, otherMs) / (after.totalMs - machine.totalMs));
  const pacedSeconds = Math.max(1, seconds - 1);
  const { result: paced } = await untilAnswered(peer, () =>
    pace(system, rates[system.kind], pacedSeconds),
  );
  samples.p50Ms.push(paced.p50Ms);
  samples.p99Ms.push(paced.p99Ms);
  samples.pacedPerSecond.push(paced.perSecond);
  return warm.calls + load.calls;
}

/** Makes sure that the metrics, where a peer has them, were really on. */
async function checkCounts({
  peer,
  system,
  calls,
}: StartedPeer): Promise<void> {
  if (peer.counts) {
    const counted = await countedCalls(system);
    if (counted < calls) {
      throw new Error(`${peer.name} counted ${counted} of ${calls} calls`);
    }
  }
}

function emptySamples(startMs: number[]): Samples {
  return {
    cpuUs: [],
    perSecond: [],
    p50Ms: [],
    p99Ms: [],
    pacedPerSecond: [],
    rssBytes: [],
    startMs,
  };
}

function toCost({ name }: Peer, samples: Samples): RpcCost {
  return {
    peer: name,
    cpuUs: summarize(samples.cpuUs),
    perSecond: summarize(samples.perSecond),
    p50Ms: summarize(samples.p50Ms),
    p99Ms: summarize(samples.p99Ms),
    pacedPerSecond: summarize(samples.pacedPerSecond),
    rssBytes: summarize(samples.rssBytes),
    startMs: summarize(samples.startMs),
  };
}
