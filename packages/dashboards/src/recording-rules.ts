import { burnWindows, errorRatioName } from "./error-budget.js";
import {
  type Clock,
  createClock,
  type RuleGroup,
  type RuleOptions,
} from "./rule.js";
import { createVocabulary, type Side, type Vocabulary } from "./vocabulary.js";

const windowSeconds = { "5m": 300, "30m": 1800, "1h": 3600, "6h": 21_600 };

/** The name under which the p95 of unary calls is recorded. */
export function latencyName(side: Side): string {
  return `job_grpc_service_grpc_method:grpc_${side}_handling_seconds:p95_rate5m`;
}

/** Creates the recording rules that alerts and boards build on. */
export function createRecordingRules(options: RuleOptions = {}): RuleGroup[] {
  const vocabulary = createVocabulary();
  const clock = createClock(options);
  return (["server", "client"] as const).map((side) => ({
    name: `${side}-calls`,
    rules: [
      ...burnWindows.map((window) => ({
        record: errorRatioName(side, window),
        expr: errorRatio(side, vocabulary, clock(windowSeconds[window])),
      })),
      { record: latencyName(side), expr: latency(side, vocabulary, clock) },
    ],
  }));
}

/** Probes of health and calls to what is not there fail nobody. */
function counted(vocabulary: Vocabulary): string {
  return `grpc_service!~"${vocabulary.hidden}|other"`;
}

function errorRatio(
  side: Side,
  vocabulary: Vocabulary,
  window: string,
): string {
  const rate = (more: string) =>
    `sum by (job, grpc_service) (rate(${vocabulary.metric(side, "handled_total")}{${counted(vocabulary)}${more}}[${window}]))`;
  const failed = `, grpc_code=~"${vocabulary.codesOf("Server error")}"`;
  return [
    `(${rate(failed)} or 0 * ${rate("")})`,
    "/",
    `(${rate("")} > 0)`,
  ].join("\n");
}

function latency(side: Side, vocabulary: Vocabulary, clock: Clock): string {
  const buckets = `${vocabulary.metric(side, "handling_seconds_bucket")}{grpc_type="${vocabulary.unary}", ${counted(vocabulary)}}`;
  return `histogram_quantile(0.95, sum by (le, job, grpc_service, grpc_method) (rate(${buckets}[${clock(300)}])))`;
}
