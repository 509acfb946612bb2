import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { RpcReport } from "./rpc-report.js";
import type { RpcCosts } from "./rpc-rounds.js";

type Section = Extract<TopLevelSpec, { vconcat: unknown }>["vconcat"][number];

/** Draws CPU per call of all peers, with minimum and maximum, as SVG. */
export async function drawRpcPlot({
  sections,
}: Pick<RpcReport, "sections">): Promise<string> {
  const spec: TopLevelSpec = {
    background: "white",
    vconcat: sections.map(drawSection),
  };
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

function drawSection({ kind, costs }: RpcCosts): Section {
  const values = costs
    .map(({ peer, cpuUs }) => ({ peer, ...cpuUs }))
    .sort((a, b) => a.median - b.median);
  const y = {
    field: "peer",
    type: "nominal",
    sort: values.map(({ peer }) => peer),
    title: null,
  } as const;
  const x = (field: string) => ({ field, type: "quantitative" }) as const;
  return {
    title: {
      text: `${kind === "rpc" ? "RevertName" : "/proxy"}: server CPU per call, µs (median, minimum to maximum)`,
      anchor: "start",
    },
    data: { values },
    width: 480,
    height: { step: 24 },
    layer: [
      {
        mark: { type: "bar", color: "#4c78a8" },
        encoding: { y, x: { ...x("median"), title: null } },
      },
      {
        mark: { type: "rule", strokeWidth: 2 },
        encoding: { y, x: x("min"), x2: { field: "max" } },
      },
    ],
  };
}
