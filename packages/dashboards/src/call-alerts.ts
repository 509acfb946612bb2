import { errorBudget, errorRatioName } from "./error-budget.js";
import { latencyName } from "./recording-rules.js";
import {
  type AlertRule,
  type Clock,
  createClock,
  type RuleGroup,
  type RuleOptions,
} from "./rule.js";
import { createVocabulary, type Side } from "./vocabulary.js";

/** The words in which alerts about the two sides differ. */
const words = {
  server: {
    name: "Server",
    fails:
      "{{ $labels.grpc_service }} on {{ $labels.job }} fails {{ $value | humanizePercentage }} of its calls",
    p95: 0.5,
  },
  client: {
    name: "Client",
    fails:
      "{{ $labels.job }} sees {{ $value | humanizePercentage }} of its calls to {{ $labels.grpc_service }} fail",
    p95: 1,
  },
} as const;

/** Creates the alerts about calls, seen from both ends. */
export function createCallAlerts(options: RuleOptions): RuleGroup {
  const clock = createClock(options);
  return {
    name: "calls",
    rules: [
      ...(["server", "client"] as const).flatMap((side) => [
        createFastBurn(side, clock),
        createSlowBurn(side, clock),
        createLatency(side, clock),
        createStuck(side, clock),
      ]),
      {
        alert: "CallsShed",
        expr: `sum by (job) (rate(service_calls_shed_total{job!=""}[${clock(300)}])) > 0`,
        for: clock(60),
        severity: "warning",
        summary: "{{ $labels.job }} turns calls away",
        description:
          "The server has as many calls in flight as MAX_IN_FLIGHT allows, and answers more with Unavailable.",
      },
    ],
  };
}

/**
 * Burn rates by the Site Reliability Workbook: 14.4 spends 2 % of a month's
 * budget in an hour. The short window lets the alert end soon.
 */
function createFastBurn(side: Side, clock: Clock): AlertRule {
  const limit = roundRatio(14.4 * errorBudget);
  return {
    alert: `${words[side].name}ErrorsBurnFast`,
    expr: [
      `${errorRatioName(side, "5m")} > ${limit}`,
      `and ${errorRatioName(side, "1h")} > ${limit}`,
    ].join("\n"),
    for: clock(120),
    severity: "critical",
    summary: words[side].fails,
    description:
      "So many calls fail by the server's fault that a month's error budget is spent within two days.",
  };
}

function createSlowBurn(side: Side, clock: Clock): AlertRule {
  const limit = roundRatio(6 * errorBudget);
  return {
    alert: `${words[side].name}ErrorsBurnSlowly`,
    expr: [
      `${errorRatioName(side, "30m")} > ${limit}`,
      `and ${errorRatioName(side, "6h")} > ${limit}`,
    ].join("\n"),
    for: clock(900),
    severity: "warning",
    summary: words[side].fails,
    description:
      "Calls have failed by the server's fault for hours, fast enough to spend a month's error budget within five days.",
  };
}

function createLatency(side: Side, clock: Clock): AlertRule {
  const { name, p95 } = words[side];
  return {
    alert: `${name}LatencyHigh`,
    expr: `${latencyName(side)} > ${p95}`,
    for: clock(300),
    severity: "warning",
    summary: `p95 of {{ $labels.grpc_method }} on {{ $labels.job }} is {{ $value | humanizeDuration }}`,
    description: `One unary call in twenty takes the ${side} longer than ${p95} s.`,
  };
}

/**
 * A unary call that is in flight all the time while none of its method ends:
 * it is stuck, or its end was never counted. The window and the wait after it
 * make ten minutes.
 */
function createStuck(side: Side, clock: Clock): AlertRule {
  const { metric, unary } = createVocabulary();
  const by = "job, instance, grpc_service, grpc_method";
  const window = clock(300);
  const matcher = `{grpc_type="${unary}"}`;
  return {
    alert: `${words[side].name}CallsStuck`,
    expr: [
      `sum by (${by}) (min_over_time(${metric(side, "in_flight")}${matcher}[${window}])) > 0`,
      `unless on (${by})`,
      `sum by (${by}) (rate(${metric(side, "handled_total")}${matcher}[${window}])) > 0`,
    ].join("\n"),
    for: clock(300),
    severity: "warning",
    summary: `{{ $value }} calls of {{ $labels.grpc_method }} are stuck on {{ $labels.job }}`,
    description:
      "Unary calls are in flight, and none has ended for ten minutes. Each holds memory, and a place under MAX_IN_FLIGHT.",
  };
}

/** Without the digits that binary fractions add. */
function roundRatio(ratio: number): number {
  return Number(ratio.toFixed(6));
}
