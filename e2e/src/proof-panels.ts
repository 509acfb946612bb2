import type { Board } from "@both-ends/dashboards";
import {
  type Choice,
  fillIn,
  listChoices,
  listSelectors,
} from "./proof-boards.js";
import type { ProofPrometheus, ProofSeries } from "./proof-prometheus.js";

/** Why a panel is rightly empty for a single value of a variable. */
interface Gap {
  readonly why: string;
  /**
   * What has to be without data then. By default, one of the query's own
   * selectors has to match no series.
   */
  readonly without?: string;
}

const onlyStreams: Gap = { why: "only streams, no unary call" };
const noListener: Gap = { why: "a worker listens for no calls" };
const noRun: Gap = {
  why: "the job did not run",
  without:
    'sum(increase(agenda_job_runs_started_total{job=~"$job", job_name=~"$job_name"}[$__range])) > 0',
};

/**
 * Panels that may be empty for a single value of a variable. For all values at
 * once, no panel is.
 */
const gapsOf: Readonly<Record<string, Gap>> = {
  "Errors by method and code": { why: "no call of that job failed" },
  "Calls left out, by method and code": { why: "nobody probes that process" },
  Latency: onlyStreams,
  "Latency p95 by service": onlyStreams,
  "Latency p95 by method": onlyStreams,
  "Latency distribution": onlyStreams,
  "Latency heatmap": onlyStreams,
  "Slower than 250 ms": onlyStreams,
  "Client minus server, mean": onlyStreams,
  "Share of the client's time outside of the handler": onlyStreams,
  "p95 at both ends": onlyStreams,
  "Open connections": noListener,
  "Limits reached": noListener,
  "Success of runs": noRun,
  "Duration p95": noRun,
  "Start delay p95": noRun,
};

/** What the proof of the panels has found. */
export interface PanelsProof {
  readonly panels: number;
  /** Queries as they are written. */
  readonly queries: number;
  /** Queries that were asked, once for each value of each variable. */
  readonly asked: number;
  /** Empty ones with their reason. */
  readonly gaps: readonly string[];
  /** What is wrong, one line each. */
  readonly mistakes: readonly string[];
}

/**
 * Asks every query of every panel, for all values of its variables together
 * and for each by itself, and every selector in it, so that one half of an
 * `or` cannot hide that the other names nothing.
 */
export async function provePanels(
  boards: readonly Board[],
  prometheus: ProofPrometheus,
  sinceMs: number,
): Promise<PanelsProof> {
  const mistakes: string[] = [];
  const gaps = new Set<string>();
  let asked = 0;
  for (const board of boards) {
    const choices = await listChoices(board, prometheus);
    if (
      board.variables.some(({ type }) => type === "query") &&
      choices.length < 2
    ) {
      mistakes.push(`${board.title}: its variables offer nothing`);
    }
    for (const panel of board.panels) {
      for (const query of panel.queries) {
        const at = (choice: Choice) =>
          `${board.title} / ${panel.title}${choice.name ? ` (${choice.name}=${choice.value})` : ""}`;
        for (const choice of choices) {
          // Reckoned anew: time passes while this asks.
          const rangeSeconds = Math.ceil((Date.now() - sinceMs) / 1000);
          const expr = fillIn(board, query.expr, choice, rangeSeconds);
          asked++;
          const found = await ask(
            prometheus,
            expr,
            query.instant ? undefined : sinceMs,
          );
          const nothing = await listMissing(prometheus, expr, rangeSeconds);
          const gap = choice.name === "" ? undefined : gapsOf[panel.title];
          const without =
            gap?.without && fillIn(board, gap.without, choice, rangeSeconds);
          const isGap =
            found !== "data" &&
            gap !== undefined &&
            (without === undefined
              ? nothing.length > 0
              : !hasData(await prometheus.query(without)));
          if (isGap) {
            gaps.add(`${at(choice)}: ${gap.why}`);
          } else if (found !== "data") {
            mistakes.push(`${at(choice)}: ${found}: ${expr}`);
          }
          if (choice.name === "") {
            mistakes.push(
              ...nothing.map(
                (selector) => `${at(choice)}: no series ${selector}`,
              ),
            );
          }
        }
      }
    }
  }
  return {
    panels: boards.flatMap(({ panels }) => panels).length,
    queries: boards.flatMap((board) => board.queriesOf()).length,
    asked,
    gaps: [...gaps],
    mistakes,
  };
}

async function ask(
  prometheus: ProofPrometheus,
  expr: string,
  sinceMs: number | undefined,
): Promise<string> {
  try {
    return hasData(await prometheus.query(expr, sinceMs)) ? "data" : "no data";
  } catch (error) {
    return String(error);
  }
}

/** A quantile of nothing is NaN, which is no data. */
export function hasData(series: readonly ProofSeries[]): boolean {
  return series.some(({ values }) => values.some(Number.isFinite));
}

const known = new WeakMap<ProofPrometheus, Map<string, boolean>>();

/** The selectors of a query that no series matched in the whole range. */
export async function listMissing(
  prometheus: ProofPrometheus,
  expr: string,
  rangeSeconds: number,
): Promise<string[]> {
  const answers = known.get(prometheus) ?? new Map<string, boolean>();
  known.set(prometheus, answers);
  const missing: string[] = [];
  for (const selector of listSelectors(expr)) {
    let isThere = answers.get(selector);
    if (isThere === undefined) {
      const count = `count(count_over_time(${selector}[${rangeSeconds}s]))`;
      isThere = hasData(await prometheus.query(count));
      answers.set(selector, isThere);
    }
    if (!isThere) {
      missing.push(selector);
    }
  }
  return missing;
}
