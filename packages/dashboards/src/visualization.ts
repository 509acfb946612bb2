import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  PanelBuilder as HeatmapBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import {
  PanelBuilder as PieBuilder,
  PieChartLegendOptionsBuilder,
  PieChartLegendValues,
  PieChartType,
} from "@grafana/grafana-foundation-sdk/piechart";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeSeriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import type { PanelSpec } from "./panel-spec.js";

/** A builder of any kind of panel, before it has a title or a query. */
export type AnyPanelBuilder =
  | HeatmapBuilder
  | PieBuilder
  | StatBuilder
  | TableBuilder
  | TimeSeriesBuilder;

/** Begins the panel of a kind, with what all panels of that kind look like. */
export function createVisualization(spec: PanelSpec): AnyPanelBuilder {
  switch (spec.kind) {
    case "stat":
      return createStat();
    case "time series":
      return createTimeSeries(spec);
    case "pie":
      return createPie();
    case "heatmap":
      return createHeatmap(spec);
    case "table":
      return createTable();
  }
}

function createStat(): StatBuilder {
  return new StatBuilder()
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.Area);
}

function createTimeSeries({ stacked = false }: PanelSpec): TimeSeriesBuilder {
  return new TimeSeriesBuilder()
    .drawStyle(GraphDrawStyle.Line)
    .lineWidth(1)
    .fillOpacity(stacked ? 40 : 8)
    .showPoints(VisibilityMode.Never)
    .stacking(
      new StackingConfigBuilder().mode(
        stacked ? StackingMode.Normal : StackingMode.None,
      ),
    )
    .tooltip(
      new VizTooltipOptionsBuilder()
        .mode(TooltipDisplayMode.Multi)
        .sort(SortOrder.Descending),
    )
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(["mean", "max", "lastNotNull"]),
    );
}

function createPie(): PieBuilder {
  return new PieBuilder()
    .pieType(PieChartType.Donut)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .legend(
      new PieChartLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Right)
        .showLegend(true)
        .values([PieChartLegendValues.Value, PieChartLegendValues.Percent]),
    );
}

/** The buckets of a Prometheus histogram come as rows, named by their `le`. */
function createHeatmap({ unit }: PanelSpec): HeatmapBuilder {
  return new HeatmapBuilder()
    .calculate(false)
    .color(
      new HeatmapColorOptionsBuilder()
        .mode(HeatmapColorMode.Scheme)
        .scheme("Oranges")
        .steps(64),
    )
    .yAxis(new YAxisConfigBuilder().unit(unit))
    .cellGap(1);
}

/** Labels say it all: when, and the 1 that stands for "is there", go. */
function createTable(): TableBuilder {
  return new TableBuilder().showHeader(true).withTransformation({
    id: "organize",
    options: { excludeByName: { Time: true, Value: true } },
  });
}
