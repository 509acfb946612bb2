/** A query as a dashboard's JSON has it. */
export interface BoardQuery {
  readonly expr: string;
  readonly legend: string;
  readonly instant: boolean;
  readonly datasource: string;
  /** The least step. */
  readonly interval: string;
}

/** A panel as a dashboard's JSON has it. */
export interface BoardPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly datasource: string;
  readonly position: { x: number; y: number; w: number; h: number };
  readonly queries: readonly BoardQuery[];
  /** Whether its series lie on top of each other. */
  readonly stacked: boolean;
  /** Colours by the pattern of a series' name. */
  readonly overrides: readonly { options: string; color: string }[];
  /** Whether its row is closed to begin with. */
  readonly collapsed: boolean;
}

/** A variable as a dashboard's JSON has it. */
export interface BoardVariable {
  readonly name: string;
  readonly type: string;
  /** The query for its values; for a list, the list. */
  readonly query: string;
  readonly datasource: string;
  readonly multi: boolean;
  readonly includeAll: boolean;
  readonly allValue: string;
}

/** A dashboard as its JSON has it. */
export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly links: readonly { tags: string[] }[];
  readonly panels: readonly BoardPanel[];
  readonly rows: readonly Pick<BoardPanel, "id" | "title" | "position">[];
  readonly variables: readonly BoardVariable[];
  /** The queries of all panels. */
  queriesOf(): BoardQuery[];
}

/**
 * Reads a dashboard's JSON, generated or exported, as far as queries, places
 * and names go. What is not there is empty.
 */
export function readBoard(json: unknown): Board {
  const board = record(json);
  const all = list(board.panels);
  const rows = all.filter((panel) => panel.type === "row");
  const panels = [
    ...all.filter((panel) => panel.type !== "row").map(toPanel(false)),
    ...rows.flatMap((row) => list(row.panels).map(toPanel(true))),
  ];
  return {
    uid: text(board.uid),
    title: text(board.title),
    description: text(board.description),
    tags: Array.isArray(board.tags) ? board.tags.map(String) : [],
    links: list(board.links).map(({ tags }) => ({
      tags: Array.isArray(tags) ? tags.map(String) : [],
    })),
    panels,
    rows: rows.map(toPanel(false)),
    variables: list(record(board.templating).list).map(toVariable),
    queriesOf: () => panels.flatMap(({ queries }) => queries),
  };
}

function toPanel(collapsed: boolean) {
  return (panel: Record<string, unknown>): BoardPanel => {
    const fields = record(panel.fieldConfig);
    const place = record(panel.gridPos);
    return {
      id: Number(panel.id),
      type: text(panel.type),
      title: text(panel.title),
      description: text(panel.description),
      unit: text(record(fields.defaults).unit),
      datasource: text(record(panel.datasource).uid),
      position: {
        x: Number(place.x),
        y: Number(place.y),
        w: Number(place.w),
        h: Number(place.h),
      },
      queries: list(panel.targets).map((target) => ({
        expr: text(target.expr),
        legend: text(target.legendFormat),
        instant: target.instant === true,
        datasource: text(record(target.datasource).uid),
        interval: text(target.interval),
      })),
      overrides: list(fields.overrides).map((override) => ({
        options: text(record(override.matcher).options),
        color: text(
          record(record(list(override.properties)[0]).value).fixedColor,
        ),
      })),
      stacked:
        text(record(record(record(fields.defaults).custom).stacking).mode) ===
        "normal",
      collapsed,
    };
  };
}

function toVariable(variable: Record<string, unknown>): BoardVariable {
  const { query } = variable;
  return {
    name: text(variable.name),
    type: text(variable.type),
    query: typeof query === "string" ? query : text(record(query).query),
    datasource: text(record(variable.datasource).uid),
    multi: variable.multi === true,
    includeAll: variable.includeAll === true,
    allValue: text(variable.allValue),
  };
}

function record(value: unknown): Record<string, unknown> {
  // Anything but null that is an object has properties of unknown types.
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)
    : {};
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
