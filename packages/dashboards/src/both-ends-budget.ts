import { burnWindows, errorRatioName } from "./error-budget.js";
import type { RowSpec } from "./panel-spec.js";

/** The row about the error budget, from the recording rules. */
export function createBudget(): RowSpec {
  const sides = ["server", "client"] as const;
  return {
    title: "Error budget",
    panels: sides.map((side) => ({
      kind: "time series",
      title: `Failed by the server's fault, seen by the ${side}`,
      description:
        "Share of calls that failed by the server's fault, over the windows of the burn-rate alerts: fast when the 5 m and the 1 h line are above 14.4 %, slow when the 30 m and the 6 h line are above 6 %.",
      unit: "percentunit",
      queries: burnWindows.map((window) => ({
        expr: `max by (grpc_service) (${errorRatioName(side, window)}{job=~"${side === "server" ? "$job" : "$client"}", grpc_service=~"$service"})`,
        legend: `{{grpc_service}} ${window}`,
      })),
      width: 12,
      min: 0,
    })),
  };
}
