import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type GridPos,
  RowBuilder,
  type VariableModel,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { createPanel } from "./panel.js";
import type { PanelSpec, RowSpec } from "./panel-spec.js";
import type { Vocabulary } from "./vocabulary.js";

/** A dashboard before it is laid out. */
export interface BoardSpec {
  /** Fixed: links and bookmarks go by it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Builder<VariableModel>[];
  readonly rows: readonly RowSpec[];
}

/** The tag by which the boards find and link each other. */
export const boardTag = "both-ends";

const columns = 24;

/** Lays a board out: rows under each other, panels from left to right. */
export function createBoard(
  spec: BoardSpec,
  vocabulary: Vocabulary,
): Dashboard {
  const board = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([boardTag, "grpc", "connect"])
    .timezone("browser")
    .time({ from: "now-30m", to: "now" })
    .refresh("10s")
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .variables([...spec.variables])
    .link(
      new DashboardLinkBuilder("Both ends")
        .type(DashboardLinkType.Dashboards)
        .tags([boardTag])
        .includeVars(true)
        .keepTime(true),
    );
  let id = 0;
  let y = 0;
  for (const row of spec.rows) {
    const heading = new RowBuilder(row.title)
      .id(++id)
      .collapsed(row.collapsed === true)
      .gridPos({ x: 0, y, w: columns, h: 1 });
    const { places, bottom } = layOut(row.panels, y + 1);
    const panels = row.panels.map((panel, index) =>
      createPanel(
        panel,
        { id: ++id, position: placeAt(places, index) },
        vocabulary,
      ),
    );
    if (row.collapsed) {
      for (const panel of panels) {
        heading.withPanel(panel);
      }
    }
    board.withRow(heading);
    if (!row.collapsed) {
      for (const panel of panels) {
        board.withPanel(panel);
      }
    }
    y = row.collapsed ? y + 1 : bottom;
  }
  return board.build();
}

function placeAt(places: readonly GridPos[], index: number): GridPos {
  const place = places[index];
  if (place === undefined) {
    throw new Error(`no place for panel ${index}`);
  }
  return place;
}

function layOut(
  panels: readonly PanelSpec[],
  top: number,
): { places: GridPos[]; bottom: number } {
  let x = 0;
  let y = top;
  let bottom = top;
  const places = panels.map(({ kind, width, height }) => {
    if (x + width > columns) {
      x = 0;
      y = bottom;
    }
    const h = height ?? (kind === "stat" ? 4 : 8);
    const place = { x, y, w: width, h };
    x += width;
    bottom = Math.max(bottom, y + h);
    return place;
  });
  return { places, bottom };
}
