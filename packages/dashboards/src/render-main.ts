import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { drawPanel } from "./draw-panel.js";
import { fetchSeries, type NamedSeries } from "./fetch-series.js";
import { createGeneratedFiles } from "./generated-files.js";
import { type Board, type BoardPanel, readBoard } from "./read-board.js";

/** The panels that are drawn, four to a picture. */
const pictures: Readonly<Record<string, readonly string[]>> = {
  "grpc-server-side": [
    "Status distribution by code",
    "RPS by method",
    "Latency distribution",
    "Stream operations",
  ],
  "grpc-both-ends": [
    "p95 at both ends",
    "Client minus server, mean",
    "Codes that clients got",
    "Started minus handled",
  ],
  "heartbeats-and-jobs": [
    "Since the last beat",
    "Runs by outcome",
    "Duration p95",
    "Start delay p95",
  ],
  "node-runtime": [
    "CPU",
    "Event loop lag p99",
    "Heap used",
    "Time in garbage collection",
  ],
};

const usage = "usage: node render-main.js PROMETHEUS_URL [MINUTES]\n";
const [url, minutes = "5"] = process.argv.slice(2);
const folder = fileURLToPath(new URL("../../../docs/images", import.meta.url));

if (url === undefined || !URL.canParse(url) || !(Number(minutes) > 0)) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  await mkdir(folder, { recursive: true });
  for (const { path, text } of createGeneratedFiles()) {
    if (path.endsWith(".json")) {
      await render(readBoard(JSON.parse(text)), url.replace(/\/$/, ""));
    }
  }
}

async function render(board: Board, prometheusUrl: string): Promise<void> {
  const titles = pictures[board.uid];
  if (titles === undefined) {
    return;
  }
  const views: Record<string, unknown>[] = [];
  for (const title of titles) {
    const panel = board.panels.find((one) => one.title === title);
    if (panel === undefined) {
      throw new Error(`no panel ${title} on ${board.title}`);
    }
    views.push(drawPanel(panel, await fetchPanel(board, panel, prometheusUrl)));
  }
  const spec = {
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    background: "white",
    title: {
      text: board.title,
      subtitle: `The queries of the dashboard, on data of a real Prometheus, drawn by Vega-Lite. Grafana looks different.`,
      anchor: "start",
    },
    concat: views,
    columns: 2,
    resolve: { scale: { color: "independent" } },
    config: { font: "sans-serif", axis: { gridOpacity: 0.5 } },
  };
  // Vega-Lite's types know every mark by heart; compile() checks the rest.
  const { spec: vega } = compile(spec as unknown as TopLevelSpec);
  const svg = await new View(parse(vega), { renderer: "none" }).toSVG();
  const file = join(folder, `${board.uid}.svg`);
  await writeFile(file, `${svg}\n`);
  process.stdout.write(`${file}\n`);
}

async function fetchPanel(
  board: Board,
  panel: BoardPanel,
  prometheusUrl: string,
): Promise<NamedSeries[]> {
  const toMs = Date.now();
  const fromMs = toMs - Number(minutes) * 60_000;
  const found = await Promise.all(
    panel.queries.map(({ expr, legend }) =>
      fetchSeries({
        url: prometheusUrl,
        expr: fillInAll(board, expr),
        legend,
        fromMs,
        toMs,
      }),
    ),
  );
  return found.flat();
}

/** Fills variables in as Grafana does with all of them at "All". */
function fillInAll(board: Board, expr: string): string {
  return expr
    .replaceAll("$__rate_interval", "20s")
    .replace(
      /\$(\w+)/g,
      (_, name: string) =>
        board.variables.find((variable) => variable.name === name)?.allValue ??
        ".+",
    );
}
