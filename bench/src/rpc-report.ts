import { type Machine, renderMachine } from "./machine.js";
import { markdownTable } from "./markdown-table.js";
import type { ClientCosts } from "./rpc-clients.js";
import { loadWords } from "./rpc-load.js";
import { peers } from "./rpc-peers.js";
import type { RpcCost, RpcCosts } from "./rpc-rounds.js";
import type { Summary } from "./statistics.js";

/** All that a run has found. */
export interface RpcReport {
  readonly machine: Machine;
  /** The command line that gives such a report. */
  readonly command: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly rates: Readonly<Record<"rpc" | "proxy", number>>;
  readonly sections: readonly RpcCosts[];
  readonly clients: ClientCosts | undefined;
  /** Peers that could not be had, with the reason. */
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
}

const titles = {
  rpc: "RevertName, unary gRPC",
  proxy: "REST `/proxy/<name>/`",
};
const ours = "both-ends";
const floor = "bare node:http2";
const rival = "connect-go";

/** Renders the report for people. */
export function renderRpcReport(report: RpcReport): string {
  const { machine, command, rounds, seconds, rates, clients } = report;
  const parts = [
    `## Calls next to peers, Node ${machine.node}`,
    `\`${command}\`: ${renderMachine(machine)}. Medians of ${rounds} interleaved ${rounds === 1 ? "round" : "rounds"} of ${seconds} s, with minimum and maximum. ${loadWords}; times at an equal offered rate, ${rates.rpc} calls/s and ${rates.proxy} requests/s, by h2load, over HTTP/1.1 for /proxy. CPU is that of all server processes together, without the load generator, which shares the machine.`,
    ...report.sections.map((section) =>
      renderSection(section, rates[section.kind]),
    ),
    ...(clients === undefined ? [] : [renderClients(clients)]),
    renderRatios(report),
    renderPeers(),
  ];
  const skipped = [...report.skipped, ...(clients?.skipped ?? [])];
  if (skipped.length > 0) {
    const lines = skipped.map(({ name, why }) => `- ${name}: ${why}`);
    parts.push(`Skipped:\n\n${lines.join("\n")}`);
  }
  return `${parts.join("\n\n")}\n`;
}

function renderSection(
  { kind, costs, others }: RpcCosts,
  rate: number,
): string {
  const rows = costs.map((cost) => [
    cost.peer,
    spread(cost.cpuUs, 1),
    spread(cost.perSecond),
    spread(cost.p50Ms, 2),
    spread(cost.p99Ms, 2),
    (cost.rssBytes.median / 1_048_576).toFixed(0),
    cost.startMs.median.toFixed(0),
  ]);
  const headings = ["", "CPU, µs", "per second", "p50, ms", "p99, ms"];
  const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
  return [
    `### ${titles[kind]}`,
    markdownTable([...headings, "RSS, MiB", "start, ms"], rows),
    `Other programs took ${percent(others.median)} of the machine meanwhile (${percent(others.min)} to ${percent(others.max)}).`,
    ...slowPaces(costs, rate),
  ].join("\n\n");
}

/** Times at a rate that was not reached are those of an overload. */
function slowPaces(costs: readonly RpcCost[], rate: number): string[] {
  const slow = costs
    .filter(({ pacedPerSecond }) => pacedPerSecond.median < 0.9 * rate)
    .map(
      ({ peer, pacedPerSecond }) =>
        `${peer} (${pacedPerSecond.median.toFixed(0)}/s)`,
    );
  return slow.length === 0
    ? []
    : [`The rate was not reached by ${slow.join(", ")}.`];
}

function renderClients({ costs }: ClientCosts): string {
  const rows = costs.map(({ client, cpuUs, perSecond }) => [
    client,
    spread(cpuUs, 1),
    spread(perSecond),
  ]);
  return [
    "### Clients, unary gRPC",
    "CPU of the process that calls; 32 calls in flight on one connection to the bare server, no interceptors.",
    markdownTable(["", "CPU, µs", "per second"], rows),
  ].join("\n\n");
}

function renderRatios({ sections, clients }: RpcReport): string {
  const rows: string[][] = [];
  const add = (
    what: string,
    value: number | undefined,
    other: number | undefined,
    goal: string,
  ) => {
    if (value !== undefined && other !== undefined) {
      rows.push([what, (value / other).toFixed(2), goal]);
    }
  };
  for (const { kind, costs } of sections) {
    const of = (peer: string) => costs.find((cost) => cost.peer === peer);
    const title = kind === "rpc" ? "RevertName" : "/proxy";
    const [cpuGoal, rateGoal] =
      kind === "rpc" ? ["≤ 1.40", "> 1.00"] : ["≤ 1.60", "≥ 1.30"];
    add(
      `${title}: CPU, ${ours} to ${floor}`,
      of(ours)?.cpuUs.median,
      of(floor)?.cpuUs.median,
      cpuGoal,
    );
    add(
      `${title}: per second, ${ours} to ${rival}`,
      of(ours)?.perSecond.median,
      of(rival)?.perSecond.median,
      rateGoal,
    );
    add(
      `${title}: p99, ${ours} to ${rival}`,
      of(ours)?.p99Ms.median,
      of(rival)?.p99Ms.median,
      "≤ 1.00",
    );
  }
  const client = (name: string) =>
    clients?.costs.find((cost) => cost.client === name)?.cpuUs.median;
  add(
    `client: CPU, connectrpc-fastlane to ${floor}`,
    client("connectrpc-fastlane"),
    client(floor),
    "≤ 1.25",
  );
  return ["### Ratios", markdownTable(["", "measured", "goal"], rows)].join(
    "\n\n",
  );
}

function renderPeers(): string {
  const rows = peers.map(({ name, does }) => [
    name,
    does.validation,
    does.graphemes,
    does.metrics,
  ]);
  return [
    "### What each does for a call",
    markdownTable(["", "validation", "graphemes", "metrics"], rows),
  ].join("\n\n");
}

function spread({ median, min, max }: Summary, digits = 0): string {
  const text = (value: number) => value.toFixed(digits);
  return `${text(median)} (${text(min)}–${text(max)})`;
}
