import { markdownTable } from "@both-ends/bench";
import {
  concludeSection,
  type LongRun,
  type RunOptions,
  type Section,
} from "../long-run.js";
import { startRealSystem } from "../real-system.js";
import { type EndedServer, endServerUnderLoad, victims } from "./end-server.js";

/** Servers that are told to end while all kinds of calls go on. */
export const sigtermRun: LongRun = {
  name: "sigterm",
  title: "SIGTERM under load",
  timeLimitMs: 8 * 60_000,
  run: runSigterm,
};

const wholeRuns = 24;

async function runSigterm({ scale }: RunOptions): Promise<Section> {
  const count = Math.max(1, Math.round(wholeRuns * scale));
  const system = await startRealSystem();
  const ended: EndedServer[] = [];
  try {
    for (let index = 0; index < count; index++) {
      const service = victims[index % victims.length] ?? "edge";
      const one = await endServerUnderLoad(system, service);
      const { counts, elapsedMs } = one;
      process.stderr.write(
        `${service}: ${counts.answered} answered, ${counts.unavailable} unavailable, ${counts.refused} refused, ${counts.others.length} other, ended after ${Math.round(elapsedMs)} ms\n`,
      );
      ended.push(one);
    }
  } finally {
    await system.stop();
  }
  const wrong = ended.flatMap((one) => one.wrong);
  return concludeSection(
    renderEnded(ended),
    [...new Set(wrong)],
    "every call got its answer or a clean unavailable, and every server ended in order",
  );
}

function renderEnded(ended: readonly EndedServer[]): string {
  const sum = (
    ones: readonly EndedServer[],
    value: (one: EndedServer) => number,
  ) => ones.reduce((total, one) => total + value(one), 0);
  const row = (name: string, ones: readonly EndedServer[]) => [
    name,
    ...[
      ones.length,
      sum(ones, ({ counts }) => counts.answered),
      sum(ones, ({ counts }) => counts.unavailable),
      sum(ones, ({ counts }) => counts.refused),
      sum(ones, ({ counts }) => counts.others.length),
      Math.round(Math.max(...ones.map(({ elapsedMs }) => elapsedMs))),
    ].map((value) => value.toLocaleString("en-US")),
  ];
  const rows = victims
    .map((victim) => ended.filter(({ service }) => service === victim))
    .filter((ones) => ones.length > 0)
    .map((ones) => row(String(ones[0]?.service), ones));
  const table = markdownTable(
    [
      "server",
      "runs",
      "answered",
      "unavailable",
      "refused",
      "other",
      "longest end, ms",
    ],
    [...rows, row("all", ended)],
  );
  return `Clients call all three services without a pause: all four types of RPC over gRPC and over Connect, the latter over
HTTP/2 and over HTTP/1.1 (there without the bidirectional one, which connect-es cannot), and the proxy over REST. In the
middle of it the server of one of them gets SIGTERM. \`unavailable\` is what the caller gets from the server that ends, or from
edge about a server that it calls; refused are calls that no server took, because nobody listens any more, by
REFUSED_STREAM of HTTP/2, or with a connection that waited in the kernel when the listener closed (the server tells which
connections it has taken). Other is an error: HTTP/1.1 leaves one, of a request that crosses with the end of a connection
that had idled for half a second (RFC 9112, 9.3.1).

${table}`;
}
