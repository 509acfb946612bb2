import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import UPlot from "uplot";
import type { PlotData } from "./plot-series.js";

/** What {@link Plot} is given. */
export interface PlotProps {
  title: string;
  /** What it shows, and what is good. */
  about: string;
  data: PlotData;
  format(value: number): string;
  /** Whether it counts things, which have no halves. By default, false. */
  isWhole?: boolean;
  /** Said where there is nothing to plot. */
  nothing: string;
}

const heightPx = 190;

const wholeSteps = [1, 10, 100, 1_000, 10_000].flatMap((step) => [
  step,
  2 * step,
  5 * step,
]);

/** Lines over time, with the newest values in words below them. */
export function Plot(props: PlotProps) {
  const { title, about, data, format, isWhole = false, nothing } = props;
  const { times, series } = data;
  const isEmpty = series.every(({ values }) => values.every((v) => v === null));
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(null);
  const scheme = useComputedColorScheme("light");
  const labels = series.map(({ label }) => label).join("\n");

  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew in other colours, or with other lines
  useEffect(() => {
    const element = box.current;
    if (element === null || labels === "") {
      return;
    }
    const made = createPlot(element, labels.split("\n"), { format, isWhole });
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: heightPx }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [labels, scheme]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a plot that was drawn anew has no data yet
  useEffect(() => {
    plot.current?.setData([
      [...times],
      ...series.map(({ values }) => [...values]),
    ]);
  }, [times, series, scheme]);

  return (
    <section className="card" aria-label={title}>
      <h2>{title}</h2>
      <p className="what">{about}</p>
      <div className="plot">
        <div ref={box} aria-hidden="true" />
        {isEmpty && <div className="nothing">{nothing}</div>}
      </div>
      <ul className="legend">
        {series.map(({ label, values }, index) => (
          <li key={label}>
            <i className={`series-${(index % 6) + 1}`} />
            {label} <b>{formatLast(values.at(-1), format)}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}

function formatLast(
  value: number | null | undefined,
  format: (value: number) => string,
): string {
  return value === null || value === undefined ? "–" : format(value);
}

function createPlot(
  element: HTMLElement,
  labels: readonly string[],
  { format, isWhole }: { format(value: number): string; isWhole: boolean },
): UPlot {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color("--mantine-color-dimmed"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { stroke: color("--line"), width: 1, size: 4 },
    font: `12px ${style.getPropertyValue("--mantine-font-family")}`,
  };
  return new UPlot(
    {
      width: element.clientWidth,
      height: heightPx,
      // The label of the newest moment needs room beyond the last point.
      padding: [12, 32, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false } },
      scales: {
        y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.15 : 1] },
      },
      axes: [
        {
          ...axis,
          size: 28,
          space: 64,
          values: (_plot, ticks) => ticks.map(formatTime),
        },
        {
          ...axis,
          size: 62,
          ...(isWhole && { incrs: wholeSteps }),
          values: (_plot, ticks) => ticks.map((tick) => format(tick)),
        },
      ],
      series: [
        {},
        ...labels.map((label, index) => ({
          label,
          stroke: color(`--series-${(index % 6) + 1}`),
          width: 2,
          // A value between gaps has no line: without a point it is not seen.
          points: { show: false, size: 5, filter: isolatedPoints },
        })),
      ],
    },
    [[], ...labels.map(() => [])],
    element,
  );
}

function isolatedPoints(plot: UPlot, index: number): number[] {
  const values = plot.data[index] ?? [];
  return Array.from(values.keys()).filter(
    (at) =>
      values[at] != null && values[at - 1] == null && values[at + 1] == null,
  );
}

function formatTime(seconds: number): string {
  return new Date(seconds * 1_000).toLocaleTimeString(undefined, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
}
