import type { Settings } from "./options.js";

/** What all metrics are made with. */
export interface MetricDescription {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
  /** None: they are registered together, all or none. */
  readonly registers: [];
}

/** Describes a metric by its name after `agenda_`, its help and its own labels. */
export type DescribeMetric = (
  suffix: string,
  help: string,
  ...labels: string[]
) => MetricDescription;

/** Creates descriptions with the prefix and the constant labels of all. */
export function createDescribeMetric({
  prefix,
  constLabels,
}: Pick<Settings, "prefix" | "constLabels">): DescribeMetric {
  return (suffix, help, ...labels) => ({
    name: `${prefix}agenda_${suffix}`,
    help,
    labelNames: [...labels, ...Object.keys(constLabels)],
    registers: [],
  });
}
