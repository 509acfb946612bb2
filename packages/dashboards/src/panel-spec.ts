/** A query of a panel. */
export interface QuerySpec {
  readonly expr: string;
  /** What its series are called, `{{grpc_method}}` for example. */
  readonly legend: string;
  /** Only the present value, over the whole range shown. By default, false. */
  readonly instant?: boolean;
}

/** What a panel shows and how. Each kind is one of Grafana's visualizations. */
export interface PanelSpec {
  readonly kind: "stat" | "time series" | "pie" | "heatmap" | "table";
  readonly title: string;
  /** What it shows and how to read it. Every panel has one. */
  readonly description: string;
  /** A unit of Grafana: `s`, `reqps`, `percentunit`, … Every panel has one. */
  readonly unit: string;
  readonly queries: readonly QuerySpec[];
  /** In columns; a row has 24. */
  readonly width: number;
  /** By default, 4 for a stat and 8 for the others. */
  readonly height?: number;
  /** Puts the series on top of each other. By default, false. */
  readonly stacked?: boolean;
  /** Gives each status code, or each class of them, its colour. */
  readonly colors?: "codes" | "classes";
  /** By default, Grafana's choice. */
  readonly min?: number;
  readonly max?: number;
  readonly decimals?: number;
  /** Colours from these values on, ascending. The first begins below all. */
  readonly thresholds?: readonly {
    readonly from?: number;
    readonly color: string;
  }[];
  /** Words instead of numbers. */
  readonly words?: Readonly<Record<string, { text: string; color: string }>>;
  /** What a stat says where there is nothing to count. */
  readonly noValue?: string;
}

/** Panels under one heading. */
export interface RowSpec {
  readonly title: string;
  /** Closed until somebody opens it. By default, false. */
  readonly collapsed?: boolean;
  readonly panels: readonly PanelSpec[];
}
