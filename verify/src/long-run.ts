/** What a long run is told. */
export interface RunOptions {
  /** What random choices begin with. */
  readonly seed: number;
  /** The part of the whole load to make: 1 is all of it. */
  readonly scale: number;
  /** Names of the parts to run, for runs that have parts. All if empty. */
  readonly parts: readonly string[];
}

/** What a long run has found. */
export interface Section {
  /** Markdown without a heading; its last line is the verdict. */
  readonly text: string;
  readonly passed: boolean;
}

/** Something that takes too long for the tests, and judges itself. */
export interface LongRun {
  readonly name: string;
  /** Its heading among the others. */
  readonly title: string;
  /** Names of parts that can be run alone. By default, it has none. */
  readonly parts?: readonly string[];
  /** It is killed after this time. */
  readonly timeLimitMs: number;
  run(options: RunOptions): Promise<Section>;
}

/** Adds the verdict: what is wrong, or if nothing is, why that is a pass. */
export function concludeSection(
  text: string,
  wrong: readonly string[],
  why: string,
): Section {
  const passed = wrong.length === 0;
  const verdict = passed ? `pass: ${why}` : `FAIL: ${wrong.join("; ")}`;
  return { text: `${text.trim()}\n\nverdict: ${verdict}\n`, passed };
}
