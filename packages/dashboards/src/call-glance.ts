import { createCallQueries } from "./call-queries.js";
import { sideWords } from "./call-words.js";
import type { PanelSpec, RowSpec } from "./panel-spec.js";
import type { Side, Vocabulary } from "./vocabulary.js";

/** Blue, for what is neither good nor bad. */
const plain = "#8ab8ff";

/** The row that says at a glance how calls fare. */
export function createGlance(side: Side, vocabulary: Vocabulary): RowSpec {
  const query = createCallQueries({ side, vocabulary });
  const up = 'up{job=~"$job"}';
  const handled = query.rate("handled_total");
  const stat = (
    spec: Pick<PanelSpec, "title" | "description" | "unit"> &
      Partial<PanelSpec> & { expr: string; legend?: string },
  ): PanelSpec => ({
    kind: "stat",
    width: 4,
    queries: [{ expr: spec.expr, legend: spec.legend ?? spec.title }],
    ...spec,
  });
  return {
    title: "At a glance",
    panels: [
      stat({
        title: "Up",
        description:
          "Whether each chosen process answers Prometheus. A process that has left service discovery within the last hour counts as down, not as gone.",
        unit: "short",
        expr: `min by (job) (${up}) or 0 * max by (job) (max_over_time(${up}[1h]))`,
        legend: "{{job}}",
        words: {
          0: { text: "down", color: "red" },
          1: { text: "up", color: "green" },
        },
      }),
      stat({
        title: "Success",
        description: `Share of ${sideWords[side].calls} that ended with OK. An error of the caller, NotFound for example, is no success either.`,
        unit: "percentunit",
        expr: `(${query.rateOrZero("handled_total", `grpc_code="${vocabulary.ok}"`)}) / (${handled} > 0)`,
        noValue: "no calls",
        decimals: 2,
        min: 0,
        max: 1,
        thresholds: [
          { color: "red" },
          { from: 0.95, color: "orange" },
          { from: 0.99, color: "green" },
        ],
      }),
      stat({
        title: "RPS",
        description: `Started ${sideWords[side].calls} per second, all types.`,
        unit: "reqps",
        expr: query.rate("started_total"),
        thresholds: [{ color: plain }],
      }),
      stat({
        title: "Latency",
        description: `95 of 100 unary calls took ${sideWords[side].who} no longer. Read from the histogram's buckets, so it is as exact as these are narrow.`,
        unit: "s",
        expr: query.quantile(0.95),
        noValue: "no calls",
        thresholds: [
          { color: "green" },
          { from: 0.25, color: "orange" },
          { from: 1, color: "red" },
        ],
      }),
      stat({
        title: "In flight",
        description: "Calls that have begun and not ended, streams included.",
        unit: "short",
        expr: `sum (${query.select("in_flight")})`,
        decimals: 0,
        thresholds: [{ color: plain }],
      }),
      stat({
        title: "Server errors",
        description: `Share of ${sideWords[side].calls} that failed by the server's fault: ${vocabulary.codesOf("Server error").replaceAll("|", ", ")}.`,
        unit: "percentunit",
        expr: `(${query.classRate("Server error")}) / (${handled} > 0)`,
        noValue: "no calls",
        decimals: 2,
        min: 0,
        thresholds: [
          { color: "green" },
          { from: 0.01, color: "orange" },
          { from: 0.05, color: "red" },
        ],
      }),
    ],
  };
}
