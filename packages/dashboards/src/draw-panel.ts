import type { NamedSeries } from "./fetch-series.js";
import type { BoardPanel } from "./read-board.js";

/** Formats of Vega for units of Grafana: a d3 format, and what follows it. */
const formats: Readonly<Record<string, { format: string; title: string }>> = {
  reqps: { format: "~s", title: "per second" },
  ops: { format: "~s", title: "per second" },
  s: { format: "~s", title: "seconds" },
  percentunit: { format: "~%", title: "" },
  bytes: { format: "~s", title: "bytes" },
  short: { format: "~s", title: "" },
};

/**
 * A view of Vega-Lite that shows a panel's series as Grafana would: lines, or
 * areas on top of each other, in the colours that the panel gives.
 */
export function drawPanel(
  panel: BoardPanel,
  series: readonly NamedSeries[],
): Record<string, unknown> {
  const names = series.map(({ name }) => name);
  const color = {
    field: "name",
    type: "nominal",
    title: null,
    legend: { orient: "bottom", columns: 3, labelLimit: 220, symbolLimit: 18 },
    ...(panel.overrides.length > 0
      ? {
          scale: {
            domain: names,
            range: names.map((name) => colorOf(panel, name)),
          },
        }
      : {}),
  };
  const { format, title } = formats[panel.unit] ?? { format: "~s", title: "" };
  return {
    title: { text: panel.title, anchor: "start" },
    width: 430,
    height: 190,
    data: {
      values: series.flatMap(({ name, points }) =>
        points.map(([time, value]) => ({ name, time, value })),
      ),
    },
    mark: panel.stacked
      ? { type: "area", opacity: 0.75, interpolate: "linear" }
      : { type: "line", strokeWidth: 1.5 },
    encoding: {
      x: {
        field: "time",
        type: "temporal",
        title: null,
        axis: { format: "%H:%M:%S", tickCount: 5 },
      },
      y: {
        field: "value",
        type: "quantitative",
        title: title === "" ? null : title,
        axis: { format },
        ...(panel.stacked ? { stack: "zero" } : {}),
      },
      color,
    },
  };
}

function colorOf({ overrides }: BoardPanel, name: string): string {
  const found = overrides.find(({ options }) =>
    new RegExp(options.slice(1, -1)).test(name),
  );
  return found?.color ?? "#8ab8ff";
}
