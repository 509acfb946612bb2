import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import {
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  type GridPos,
  MappingType,
  type Panel,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from "@grafana/grafana-foundation-sdk/dashboard";
import {
  DataqueryBuilder,
  PromQueryFormat,
} from "@grafana/grafana-foundation-sdk/prometheus";
import type { PanelSpec, QuerySpec } from "./panel-spec.js";
import { classColors, spellStatus, statuses } from "./status-codes.js";
import { createVisualization } from "./visualization.js";
import type { Vocabulary } from "./vocabulary.js";

/** The datasource of every panel and variable: the board's own choice. */
export const datasource = { type: "prometheus", uid: "$datasource" } as const;

/** Where a panel is, and its number on the board. */
export interface PanelPlace {
  readonly id: number;
  readonly position: GridPos;
}

/** Builds a panel for a dashboard. */
export function createPanel(
  spec: PanelSpec,
  place: PanelPlace,
  vocabulary: Vocabulary,
): Builder<Panel> {
  const builder = createVisualization(spec)
    .id(place.id)
    .gridPos(place.position)
    .title(spec.title)
    .description(spec.description)
    .datasource(datasource)
    .unit(spec.unit)
    .targets(
      spec.queries.map((query, index) => createQuery(spec, query, index)),
    );
  builder.overrides(createOverrides(spec, vocabulary));
  builder.mappings(createMappings(spec));
  const steps = createThresholds(spec);
  if (steps.length > 0) {
    builder.thresholds(
      new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps),
    );
    builder.colorScheme(
      new FieldColorBuilder().mode(FieldColorModeId.Thresholds),
    );
  }
  if (spec.min !== undefined) {
    builder.min(spec.min);
  }
  if (spec.max !== undefined) {
    builder.max(spec.max);
  }
  if (spec.decimals !== undefined) {
    builder.decimals(spec.decimals);
  }
  if (spec.noValue !== undefined) {
    builder.noValue(spec.noValue);
  }
  return builder;
}

function createQuery(
  spec: PanelSpec,
  { expr, legend, instant = false }: QuerySpec,
  index: number,
): Builder<Dataquery> {
  const formats = {
    heatmap: PromQueryFormat.Heatmap,
    table: PromQueryFormat.Table,
  } as const;
  const query = new DataqueryBuilder()
    .refId(String.fromCharCode("A".charCodeAt(0) + index))
    .datasource(datasource)
    .expr(expr)
    .legendFormat(legend)
    // The least step: what $__rate_interval builds on.
    .interval("$interval")
    .format(
      spec.kind === "heatmap" || spec.kind === "table"
        ? formats[spec.kind]
        : PromQueryFormat.TimeSeries,
    );
  return instant ? query.instant() : query.range();
}

/** Colours go by the end of a series' name, so that "RevertName OK" is green. */
function createOverrides(
  { colors }: PanelSpec,
  { spelling }: Vocabulary,
): {
  matcher: { id: string; options: string };
  properties: DynamicConfigValue[];
}[] {
  const pairs =
    colors === "codes"
      ? statuses.map(({ name, color }) => [spellStatus(name, spelling), color])
      : colors === "classes"
        ? Object.entries(classColors)
        : [];
  return pairs.map(([name, color]) => ({
    matcher: { id: "byRegexp", options: `/(^| )${name}$/` },
    properties: [{ id: "color", value: { mode: "fixed", fixedColor: color } }],
  }));
}

function createMappings({ words }: PanelSpec): ValueMapping[] {
  return words === undefined
    ? []
    : [{ type: MappingType.ValueToText, options: { ...words } }];
}

function createThresholds({ thresholds = [] }: PanelSpec): Threshold[] {
  return thresholds.map(({ from = null, color }) => ({ value: from, color }));
}
