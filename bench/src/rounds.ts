import { type Summary, summarize } from "./statistics.js";

/** One way of doing the same work, to be compared with others. */
export interface Variant {
  readonly name: string;
  /** The variant without what is measured; its cost is taken off. */
  readonly baseline?: Variant;
  /** How many calls to measure in one round: some 50 ms. */
  readonly calls: number;
  /** The most that a call may cost. By default, there is no such promise. */
  readonly targetNs?: number;
  run(calls: number): Promise<void>;
}

/** What a call costs by a variant, without what it costs by its baseline. */
export interface Cost {
  readonly name: string;
  readonly targetNs: number | undefined;
  /** Whether there is no baseline, so that this is all the calls cost. */
  readonly whole: boolean;
  /** CPU time of the process, all its threads, in nanoseconds. */
  readonly ns: Summary;
  /** Memory allocated, in bytes. */
  readonly bytes: Summary;
}

/** How often to measure, and how to tell how far it is. */
export interface RoundOptions {
  readonly rounds: number;
  /** Called after each round. By default, nothing is told. */
  progress?(round: number): void;
}

const heapRounds = 7;

/**
 * Measures variants in turns, so that a change of the machine's mood meets all
 * of them, and takes each round's baseline off that round's cost. CPU time and
 * not the clock, because other programs that run at the same time are not
 * counted in it. Needs `--expose-gc`.
 */
export async function measureRounds(
  variants: readonly Variant[],
  options: RoundOptions,
): Promise<Cost[]> {
  const gc = exposedGc();
  const ns = new Map<Variant, number[]>();
  const bytes = new Map<Variant, number[]>();
  for (const variant of variants) {
    ns.set(variant, []);
    bytes.set(variant, []);
    await variant.run(variant.calls);
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const variant of rotate(variants, round)) {
      // Each pays for its own garbage. Only the young generation: full
      // collections in a row make V8 throw compiled code away.
      gc({ type: "minor" });
      await variant.run(Math.ceil(variant.calls / 10));
      ns.get(variant)?.push(await cpuNsPerCall(variant));
    }
    options.progress?.(round + 1);
  }
  for (let round = 0; round < heapRounds; round++) {
    for (const variant of rotate(variants, round)) {
      // Too few for a garbage collection in between.
      const heapCalls = Math.ceil(variant.calls / 100);
      await variant.run(heapCalls);
      gc({ type: "minor" });
      const before = process.memoryUsage().heapUsed;
      await variant.run(heapCalls);
      const after = process.memoryUsage().heapUsed;
      bytes.get(variant)?.push((after - before) / heapCalls);
    }
  }
  return variants.map((variant) => ({
    name: variant.name,
    targetNs: variant.targetNs,
    whole: variant.baseline === undefined,
    ns: summarize(withoutBaseline(variant, ns)),
    bytes: summarize(withoutBaseline(variant, bytes)),
  }));
}

/** The garbage collector. Throws an Error without `--expose-gc`. */
export function exposedGc(): NonNullable<typeof globalThis.gc> {
  if (globalThis.gc === undefined) {
    throw new Error(
      "the garbage collector is hidden: run node with --expose-gc",
    );
  }
  return globalThis.gc;
}

/** CPU time that the process has used so far, in nanoseconds. */
export function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
}

async function cpuNsPerCall(variant: Variant): Promise<number> {
  const before = cpuNs();
  await variant.run(variant.calls);
  return (cpuNs() - before) / variant.calls;
}

function rotate<T>(values: readonly T[], by: number): T[] {
  const start = by % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}

function withoutBaseline(
  variant: Variant,
  measured: ReadonlyMap<Variant, readonly number[]>,
): number[] {
  const own = measured.get(variant) ?? [];
  const { baseline } = variant;
  const off = baseline === undefined ? [] : (measured.get(baseline) ?? []);
  return own.map((value, round) => value - (off[round] ?? 0));
}
