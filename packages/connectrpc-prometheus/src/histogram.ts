/** An exemplar in the form that prom-client's registry renders. */
export interface Exemplar {
  labelSet: Readonly<Record<string, string>>;
  value: number;
  /** Seconds since the epoch. */
  timestamp: number;
}

/** A histogram as plain numbers. */
export class Histogram {
  /** Upper bounds, ascending, without +Inf. */
  readonly bounds: readonly number[];
  /** Observations by bucket, not cumulated; the last one is +Inf. */
  readonly counts: Float64Array;
  /** The last exemplar of each bucket, if there are any. */
  exemplars: (Exemplar | undefined)[] | undefined;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Counts a value, and keeps its exemplar if it has one. */
  observe(value: number, labelSet?: Readonly<Record<string, string>>): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > Number(bounds[bucket])) {
      bucket++;
    }
    counts[bucket] = Number(counts[bucket]) + 1;
    this.sum += value;
    if (labelSet !== undefined) {
      this.exemplars ??= [];
      const timestamp = Date.now() / 1000;
      this.exemplars[bucket] = { labelSet, value, timestamp };
    }
  }
}
