import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { datasource } from "./panel.js";

/** What a board's variables choose among. */
export interface ChoiceOptions {
  readonly label: string;
  readonly description: string;
  /** The series whose label values are offered. */
  readonly series: string;
  /** The label. By default, it is named like the variable. */
  readonly from?: string;
}

const all = { text: ["All"], value: ["$__all"] };

/** A variable of several values, or all of them, of a label. */
export function createChoice(
  name: string,
  { label, description, series, from = name }: ChoiceOptions,
): Builder<VariableModel> {
  return new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(datasource)
    .query({ query: `label_values(${series}, ${from})`, refId: name })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(".+")
    .current(all);
}

/** The datasource that all queries go to. */
export function createDatasourceChoice(): Builder<VariableModel> {
  return new DatasourceVariableBuilder("datasource")
    .label("Datasource")
    .description("The Prometheus that is asked")
    .type("prometheus")
    .current({ text: "Prometheus", value: "prometheus" });
}

/**
 * The least step of all queries, from which Grafana reckons `$__rate_interval`.
 * It must not be shorter than the scrape interval, or rates see one sample.
 */
export function createStepChoice(
  scrapeInterval: string,
): Builder<VariableModel> {
  const steps = [
    ...new Set([scrapeInterval, "15s", "30s", "1m", "5m", "30m", "1h"]),
  ];
  const [first = scrapeInterval] = steps;
  return new CustomVariableBuilder("interval")
    .label("Least step")
    .description(
      "How finely curves are drawn, and over how long a time rates are taken (four steps at least). No less than the scrape interval",
    )
    .values(steps.join(","))
    .current({ text: first, value: first })
    .options(
      steps.map((step) => ({
        text: step,
        value: step,
        selected: step === first,
      })),
    );
}
