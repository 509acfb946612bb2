import { fileURLToPath } from "node:url";
import { run } from "@both-ends/testing";
import { nodePeer } from "./rpc-peers.js";
import { startProgram } from "./rpc-process.js";
import { type Summary, summarize } from "./statistics.js";

/** What a call costs the process that makes it. */
export interface ClientCost {
  readonly client: string;
  /** CPU time for a call, in microseconds. */
  readonly cpuUs: Summary;
  readonly perSecond: Summary;
}

/** The clients, and those that cannot be had with the reason. */
export interface ClientCosts {
  readonly costs: readonly ClientCost[];
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
}

const clients = [
  "connectrpc-fastlane",
  "stock connect-node",
  "bare node:http2",
];
const file = fileURLToPath(new URL("peers/client.js", import.meta.url));

/**
 * Measures clients in turns against one server, the bare one: it answers
 * faster than any of them asks. 32 calls are in flight on one connection.
 */
export async function measureClients(options: {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  tell(text: string): void;
}): Promise<ClientCosts> {
  const start = await nodePeer("bare-http2")();
  const server = await startProgram(start("revert-name", {}));
  const samples = clients.map((name) => ({
    name,
    cpuUs: [] as number[],
    perSecond: [] as number[],
  }));
  const skipped = new Map<string, string>();
  try {
    for (let round = 0; round < options.rounds; round += 1) {
      for (let turn = 0; turn < samples.length; turn += 1) {
        const one = samples[(round + turn) % samples.length];
        if (one === undefined || skipped.has(one.name)) {
          continue;
        }
        options.tell(
          `clients: round ${round + 1} of ${options.rounds}, ${one.name}`,
        );
        const result = await runClient(one.name, server.port, options);
        if ("why" in result) {
          skipped.set(one.name, result.why);
        } else {
          one.cpuUs.push(result.cpuUs);
          one.perSecond.push(result.perSecond);
        }
      }
    }
  } finally {
    await server.stop();
  }
  return {
    costs: samples
      .filter(({ name }) => !skipped.has(name))
      .map(({ name, cpuUs, perSecond }) => ({
        client: name,
        cpuUs: summarize(cpuUs),
        perSecond: summarize(perSecond),
      })),
    skipped: [...skipped].map(([name, why]) => ({ name, why })),
  };
}

async function runClient(
  client: string,
  port: number,
  options: { seconds: number; warmUpSeconds: number },
): Promise<{ cpuUs: number; perSecond: number } | { why: string }> {
  const { code, stdout, stderr } = await run(process.execPath, [file], {
    env: {
      ...process.env,
      NODE_ENV: "production",
      CLIENT: client,
      SERVER_URL: `http://127.0.0.1:${port}`,
      WARM_UP_MS: String(options.warmUpSeconds * 1_000),
      MEASURE_MS: String(options.seconds * 1_000),
    },
    timeoutMs: (options.seconds + 15 * options.warmUpSeconds) * 1_000 + 30_000,
  });
  if (code !== 0) {
    const [, why = stderr] = /Error: (.*)/.exec(stderr) ?? [];
    return { why };
  }
  const told: unknown = JSON.parse(stdout);
  const { cpuUs, perSecond } = Object(told);
  return { cpuUs: Number(cpuUs), perSecond: Number(perSecond) };
}
