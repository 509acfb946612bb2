import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startDatabase } from "@both-ends/mongo";
import { describeMachine } from "./machine.js";
import { writeSection } from "./marked-section.js";
import { measureClients } from "./rpc-clients.js";
import { peers } from "./rpc-peers.js";
import { drawRpcPlot } from "./rpc-plot.js";
import { type RpcReport, renderRpcReport } from "./rpc-report.js";
import { type BuiltPeer, measureRpcs, type RpcCosts } from "./rpc-rounds.js";

const help = `Usage: npm run bench -- [options]

Measures what calls cost on the server and on the client, next to peers: the
services of this repository, connect-go, grpcio, nice-grpc, connect-node as it
is, and node:http2 without any framework. Needs Linux, h2load and wrk; peers
whose tools are missing are skipped. Takes some 8 minutes.

  --rounds N      rounds to take the median of (5)
  --seconds N     length of each measurement (3)
  --rpc-rate N    calls a second at which times are measured (1000)
  --proxy-rate N  the same for /proxy (200)
  --only A,B      some of rpc, proxy, clients
  --json          print the figures as JSON instead of Markdown
  --write         also put the Markdown and a plot into docs
  --help          print this
`;

const docs = fileURLToPath(new URL("../../docs/", import.meta.url));

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    "rpc-rate": { type: "string", default: "1000" },
    "proxy-rate": { type: "string", default: "200" },
    only: { type: "string", default: "rpc,proxy,clients" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  process.stdout.write(help);
} else {
  const report = await measure();
  const markdown = renderRpcReport(report);
  process.stdout.write(
    values.json ? `${JSON.stringify(report, undefined, 2)}\n` : markdown,
  );
  if (values.write) {
    await write(report, markdown);
  }
}

async function measure(): Promise<RpcReport> {
  const machine = describeMachine();
  const options = {
    rounds: parseWhole("rounds"),
    seconds: parseWhole("seconds"),
    warmUpSeconds: 1,
    rates: { rpc: parseWhole("rpc-rate"), proxy: parseWhole("proxy-rate") },
    tell,
  };
  const only = parseOnly(values.only);
  const { built, skipped } = await build();
  const sections: RpcCosts[] = [];
  await withDatabase(async (mongodbUri) => {
    for (const kind of ["rpc", "proxy"] as const) {
      if (only.includes(kind)) {
        const taken = built.filter(({ peer }) => kind === "rpc" || peer.proxy);
        sections.push(
          await measureRpcs(kind, taken, { ...options, mongodbUri }),
        );
      }
    }
  });
  const clients = only.includes("clients")
    ? await measureClients(options)
    : undefined;
  const args = process.argv.slice(2).filter((arg) => arg !== "--write");
  return {
    machine,
    command: [
      "npm run bench",
      ...(args.length > 0 ? ["--", ...args] : []),
    ].join(" "),
    ...options,
    sections,
    clients,
    skipped,
  };
}

async function build() {
  const built: BuiltPeer[] = [];
  const skipped: { name: string; why: string }[] = [];
  for (const peer of peers) {
    tell(`building ${peer.name}`);
    try {
      built.push({ peer, start: await peer.prepare() });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      tell(`skipping ${peer.name}: ${why}`);
      skipped.push({ name: peer.name, why });
    }
  }
  return { built, skipped };
}

/** The services keep users and heartbeats in it; the calls that are measured do not. */
async function withDatabase(work: (uri: string) => Promise<void>) {
  const dataDir = await mkdtemp(join(tmpdir(), "bench-rpc-"));
  try {
    const database = await startDatabase({
      dataDir,
      port: 0,
      mayDownload: false,
      onProgress: tell,
    });
    try {
      await work(database.uri);
    } finally {
      await database.close();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** One section for each major version of Node, so that runs stand side by side. */
async function write(report: RpcReport, markdown: string): Promise<void> {
  const [major = ""] = process.version.slice(1).split(".");
  const picture = `benchmarks-node-${major}.svg`;
  await writeFile(join(docs, picture), await drawRpcPlot(report));
  await writeSection(
    join(docs, "benchmarks.md"),
    `bench:rpc-node-${major}`,
    `${markdown}\n![server CPU per call](${picture})\n`,
    "Benchmarks",
  );
}

/** Tells whoever waits how far it is. */
function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

function parseOnly(text: string): string[] {
  const parts = text.split(",");
  for (const part of parts) {
    if (!["rpc", "proxy", "clients"].includes(part)) {
      throw new RangeError(`--only has no part "${part}"`);
    }
  }
  return parts;
}

function parseWhole(
  name: "rounds" | "seconds" | "rpc-rate" | "proxy-rate",
): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(
      `--${name} must be a whole number from 1, got ${values[name]}`,
    );
  }
  return value;
}
