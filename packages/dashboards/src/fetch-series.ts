/** A series with its name, as a panel's legend has it. */
export interface NamedSeries {
  readonly name: string;
  /** Milliseconds since the epoch, and a value. */
  readonly points: readonly (readonly [number, number])[];
}

/** What to ask a Prometheus for. */
export interface FetchSeriesOptions {
  /** Its base URL. */
  readonly url: string;
  readonly expr: string;
  /** A legend with `{{label}}`. */
  readonly legend: string;
  /** In milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
}

const steps = 60;

/** Asks a Prometheus for the series of a query over a range. */
export async function fetchSeries(
  options: FetchSeriesOptions,
): Promise<NamedSeries[]> {
  const { url, expr, legend, fromMs, toMs } = options;
  const parameters = new URLSearchParams({
    query: expr,
    start: String(fromMs / 1000),
    end: String(toMs / 1000),
    step: String(Math.max(1, (toMs - fromMs) / 1000 / steps)),
  });
  const res = await fetch(`${url}/api/v1/query_range?${parameters}`, {
    signal: AbortSignal.timeout(20_000),
  });
  // The shape is that of Prometheus' HTTP API.
  const answer = (await res.json()) as {
    error?: string;
    data?: {
      result: { metric: Record<string, string>; values: [number, string][] }[];
    };
  };
  if (answer.data === undefined) {
    throw new Error(`${answer.error}: ${expr}`);
  }
  return answer.data.result.map(({ metric, values }) => ({
    name: legend.replace(
      /\{\{(\w+)\}\}/g,
      (_, label: string) => metric[label] ?? "",
    ),
    points: values
      .map(([seconds, text]) => [seconds * 1000, Number(text)] as const)
      .filter(([, value]) => Number.isFinite(value)),
  }));
}
