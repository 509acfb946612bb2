/** One value of a metric. */
export interface MetricValue {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: -?\d+)?$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?/g;

/**
 * Reads values from the text format of Prometheus, those of the metrics named
 * alone: an exposition may be long. What is no sample is left out. See
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function parseExposition(
  text: string,
  wanted: (name: string) => boolean,
): MetricValue[] {
  const values: MetricValue[] = [];
  for (const row of text.split("\n")) {
    const end = row.search(/[{ ]/);
    if (row.startsWith("#") || end < 0 || !wanted(row.slice(0, end))) {
      continue;
    }
    const [, name, labels = "", value] = line.exec(row) ?? [];
    if (name !== undefined && value !== undefined) {
      values.push({
        name,
        labels: parseLabels(labels),
        value: parseValue(value),
      });
    }
  }
  return values;
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(label)) {
    if (name !== undefined && value !== undefined) {
      labels[name] = value.replace(/\\(.)/g, (_, escaped: string) =>
        escaped === "n" ? "\n" : escaped,
      );
    }
  }
  return labels;
}

function parseValue(text: string): number {
  return text.endsWith("Inf")
    ? text.startsWith("-")
      ? Number.NEGATIVE_INFINITY
      : Number.POSITIVE_INFINITY
    : Number(text);
}
