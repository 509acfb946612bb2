import type { Settings } from "./options.js";
import type { TortureResult } from "./result.js";
import { perSecond, summarizeMethods, summarizeSeries } from "./summarize.js";
import type { Tally } from "./tally.js";

/** What is known of a run when it is over. */
export interface RunReport {
  settings: Settings;
  tally: Tally;
  startedAt: string;
  elapsedMs: number;
  interrupted: boolean;
  unfinished: number;
}

/** Sums a run up. */
export function buildResult(run: RunReport): TortureResult {
  const { settings, tally, startedAt, elapsedMs, interrupted, unfinished } =
    run;
  const { seed, rate } = settings;
  const { calls, unexpected, dropped } = tally.totals;
  const open = rate !== undefined;
  const concurrency = open ? undefined : settings.concurrency;
  const pace = { elapsedMs, concurrency };
  const due = calls + dropped + unfinished;
  return {
    seed,
    loop: open ? "open" : "closed",
    ...(open ? { rate } : { concurrency }),
    correction: open ? "intended-start" : "expected-interval",
    startedAt,
    elapsedMs,
    interrupted,
    calls,
    callsPerSecond: perSecond(calls, elapsedMs),
    unexpected,
    dropped,
    unfinished,
    errorRate: due === 0 ? 0 : (unexpected + dropped + unfinished) / due,
    series: summarizeSeries(tally, pace),
    methods: summarizeMethods(tally, pace),
    mismatches: tally.mismatches(),
  };
}
