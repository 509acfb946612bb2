import { serverDefaults } from "./interceptor-costs.js";
import { type Machine, renderMachine } from "./machine.js";
import { markdownTable } from "./markdown-table.js";
import type { Cost } from "./rounds.js";
import type { ScrapeCost } from "./scrape-costs.js";
import { bothInterceptors } from "./whole-call-costs.js";

/** All that one run has measured. */
export interface MetricsReport {
  readonly machine: Machine;
  readonly rounds: number;
  /** Interceptors and middlewares by themselves. */
  readonly costs: readonly Cost[];
  /** Calls in memory, client and server. */
  readonly wholeCalls: readonly Cost[];
  readonly scrapes: readonly ScrapeCost[];
}

/** Renders a report in Markdown. */
export function renderMetricsReport(report: MetricsReport): string {
  const { machine, rounds, costs, wholeCalls, scrapes } = report;
  return `## What metrics cost

${renderMachine(machine)}; medians of ${rounds} interleaved rounds. CPU time is that of all
threads of the process, so that other programs on the machine do not count.

### Per unary call, the interceptor alone

Interceptors are called with realistic requests around a \`next\` that answers at once, and the middleware of
nice-grpc-prometheus the way nice-grpc calls it: without the network, and without the framework but for its handlers in
the rows that name them. What the same calls cost without metrics (the rows marked "all") is taken off in each round.
Bytes are what the heap grows by, over calls too few for a garbage collection.

${renderCosts(costs, serverDefaults)}

### Per unary call, both ends in memory

A cross-check: connect-es's own client and server on each other, so both sides of a call together, and what their garbage
costs. A call allocates so much by itself that a few microseconds show on a quiet machine only.

${renderCosts(wholeCalls, bothInterceptors)}

### Per scrape

\`registry.metrics()\` of 100 methods that have seen all 17 codes, with a histogram of 15 buckets.

${renderScrapes(scrapes)}
`;
}

function renderCosts(costs: readonly Cost[], unitName: string): string {
  const unit = costs.find(({ name }) => name === unitName)?.ns.median;
  return markdownTable(
    ["", "CPU ns, median", "min to max", "ratio", "bytes", "target"],
    costs.map(({ name, whole, ns, bytes, targetNs }) => [
      whole ? `${name} (all)` : name,
      renderInteger(ns.median),
      `${renderInteger(ns.min)} to ${renderInteger(ns.max)}`,
      whole || unit === undefined ? "" : `${(ns.median / unit).toFixed(1)} ×`,
      renderInteger(bytes.median),
      renderTarget(ns.median, targetNs, "ns"),
    ]),
  );
}

function renderScrapes(scrapes: readonly ScrapeCost[]): string {
  const unit = Number(scrapes[0]?.ms.median);
  return markdownTable(
    ["", "CPU ms, median", "min to max", "ratio", "samples", "KiB", "target"],
    scrapes.map(({ name, ms, lines, bytes, targetMs }) => [
      name,
      ms.median.toFixed(1),
      `${ms.min.toFixed(1)} to ${ms.max.toFixed(1)}`,
      `${(ms.median / unit).toFixed(1)} ×`,
      renderInteger(lines),
      renderInteger(bytes / 1_024),
      renderTarget(ms.median, targetMs, "ms"),
    ]),
  );
}

function renderTarget(
  value: number,
  target: number | undefined,
  unit: string,
): string {
  if (target === undefined) {
    return "";
  }
  return `≤ ${renderInteger(target)} ${unit}: ${value <= target ? "met" : "missed"}`;
}

function renderInteger(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
