import { setTimeout as delay } from "node:timers/promises";
import { markdownTable, median } from "@both-ends/bench";
import { waitFor } from "@both-ends/testing";
import {
  concludeSection,
  type LongRun,
  type RunOptions,
  type Section,
} from "../long-run.js";
import { readProcessMemory } from "../process-memory.js";
import { startRealSystem, urlOf } from "../real-system.js";
import {
  type OpenPages,
  type OpenPagesOptions,
  openLivePages,
  openStalledPages,
} from "./open-pages.js";
import { createAdminPassword, logIn } from "./page-calls.js";
import { loadProxy, type ProxyLoad } from "./proxy-load.js";

/** Many pages of the console that are open at a time, and some that read nothing. */
export const openPagesRun: LongRun = {
  name: "open-pages",
  title: "Two hundred open pages of the console",
  timeLimitMs: 15 * 60_000,
  run: runOpenPages,
};

const livePages = 200;
const stalledPages = 50;
const wholeRounds = 8;
const loadMs = 8_000;
const wholeHoldMs = 180_000;
const samples = 12;
const allowedSlowness = 0.1;
const allowedGrowthBytes = 16 * 2 ** 20;
// With gigabytes to spare a process collects its garbage late, and its memory
// says nothing of what it keeps.
const heapMebibytes = 128;

/** What was measured. */
interface Measured {
  /** Each with the load before it, while no page was open. */
  readonly rounds: readonly { alone: ProxyLoad; watched: ProxyLoad }[];
  /** Resident memory of edge while all pages stay open, at equal distances. */
  readonly memory: readonly number[];
  readonly before: number;
  readonly after: number;
  /** Streams that ended by themselves. */
  readonly ended: number;
  readonly receivedBytes: number;
}

async function runOpenPages({ scale }: RunOptions): Promise<Section> {
  const password = createAdminPassword();
  const system = await startRealSystem({
    env: {
      ADMIN_PASSWORD: password,
      NODE_OPTIONS: `--max-old-space-size=${heapMebibytes}`,
    },
  });
  try {
    const edge = system.server("edge");
    const origin = urlOf(edge);
    const cookie = await waitFor(
      "the first user",
      () => logIn(origin, password).catch(() => undefined),
      { timeoutMs: 20_000, intervalMs: 500 },
    );
    const measured = await measure({ origin, cookie, pid: edge.pid, scale });
    const wrong = judgeOpenPages(measured);
    return concludeSection(
      renderMeasured(measured, scale),
      [...wrong, ...edge.unexpected.slice(0, 3)],
      "open pages cost /proxy less than a tenth, and memory stays",
    );
  } finally {
    await system.stop();
  }
}

interface MeasureOptions extends Omit<OpenPagesOptions, "count"> {
  readonly pid: number;
  readonly scale: number;
}

async function measure(options: MeasureOptions): Promise<Measured> {
  const { origin, cookie, pid, scale } = options;
  const resident = async () => (await readProcessMemory(pid)).residentBytes;
  await loadProxy(origin, loadMs);
  const rounds: { alone: ProxyLoad; watched: ProxyLoad }[] = [];
  const count = Math.max(2, Math.round(wholeRounds * scale));
  for (let round = 0; round < count; round += 1) {
    const alone = await loadProxy(origin, loadMs);
    const pages = await openAll(
      openLivePages({ origin, cookie, count: livePages }),
      livePages,
    );
    const watched = await loadProxy(origin, loadMs);
    pages.close();
    await delay(1_000);
    process.stderr.write(
      `${alone.perSecond.toFixed(0)} calls/s alone, ${watched.perSecond.toFixed(0)} with ${livePages} pages\n`,
    );
    rounds.push({ alone, watched });
  }
  const before = await resident();
  const live = openLivePages({ origin, cookie, count: livePages });
  const stalled = openStalledPages({ origin, cookie, count: stalledPages });
  await openAll(live, livePages);
  await openAll(stalled, stalledPages);
  const memory: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    // Calls, so that there is something to see.
    await loadProxy(origin, (wholeHoldMs * scale) / samples);
    memory.push(await resident());
  }
  const ended = live.ended() + stalled.ended();
  const receivedBytes = live.receivedBytes();
  live.close();
  stalled.close();
  await delay(3_000);
  const after = await resident();
  return { rounds, memory, before, after, ended, receivedBytes };
}

async function openAll(pages: OpenPages, count: number): Promise<OpenPages> {
  const isOpen = () => pages.opened() === count;
  await waitFor(`${count} open pages`, isOpen, {
    timeoutMs: 30_000,
    intervalMs: 50,
  });
  // The past that each of them begins with has gone out.
  await delay(2_000);
  return pages;
}

/** What is wrong with what was measured. */
export function judgeOpenPages(measured: Measured): string[] {
  const { rounds, memory, ended } = measured;
  const slower = slowness(rounds);
  const grown = growth(memory);
  const failed = rounds.reduce(
    (sum, { alone, watched }) => sum + alone.failed + watched.failed,
    0,
  );
  return [
    ...(failed > 0 ? [`${failed} calls of /proxy failed`] : []),
    ...(slower > allowedSlowness
      ? [`/proxy is ${(slower * 100).toFixed(1)} % slower`]
      : []),
    ...(grown > allowedGrowthBytes
      ? [`memory grows: ${mebibytes(grown)} MiB in the second half`]
      : []),
    ...(ended > 0 ? [`${ended} streams ended`] : []),
  ];
}

/** By which part the calls per second fell: the median of the rounds. */
function slowness(rounds: Measured["rounds"]): number {
  return median(
    rounds.map(({ alone, watched }) => 1 - watched.perSecond / alone.perSecond),
  );
}

/** From the middle of the time to its end; medians of a third each. */
function growth(memory: readonly number[]): number {
  const third = Math.floor(memory.length / 3);
  return median(memory.slice(-third)) - median(memory.slice(third, 2 * third));
}

function renderMeasured(measured: Measured, scale: number): string {
  const { rounds, memory, before, after, receivedBytes } = measured;
  const row = (name: string, loads: readonly ProxyLoad[]) => [
    name,
    ...(["perSecond", "p50Ms", "p99Ms"] as const).map((value) =>
      median(loads.map((load) => load[value])).toFixed(
        value === "perSecond" ? 0 : 1,
      ),
    ),
    String(loads.reduce((sum, { failed }) => sum + failed, 0)),
  ];
  const load = markdownTable(
    ["/proxy", "calls/s", "p50 ms", "p99 ms", "failed"],
    [
      row(
        "no page",
        rounds.map(({ alone }) => alone),
      ),
      row(
        `${livePages} pages`,
        rounds.map(({ watched }) => watched),
      ),
    ],
  );
  const held = markdownTable(
    ["MiB", "before", ...memory.map((_, index) => String(index + 1)), "after"],
    [["edge", ...[before, ...memory, after].map(mebibytes)]],
  );
  const seconds = Math.round((wholeHoldMs * scale) / 1_000);
  return `A page of the console has one stream: a third of these watch the metrics, a third heartbeats, a third jobs, each over a
connection of HTTP/1.1 as a browser's. Eight callers call \`/proxy\` without a pause, by turns with no page open and with
${livePages}; the medians of ${rounds.length} rounds, ${loadMs / 1_000} s each. Caller, pages and servers share the machine.

${load}

The median of the rounds is ${(slowness(rounds) * 100).toFixed(1)} % fewer calls per second; allowed are ${allowedSlowness * 100} %.

Then the resident memory of edge, under the same load, with ${livePages} pages that read and ${stalledPages} that do not (by HTTP/2 with a
window of 1 KiB, so that no buffer of the kernel hides what the server keeps), open for ${seconds} s and then left. Servers have
a heap of ${heapMebibytes} MiB: one that kept more would die, one with more would put off collecting its garbage. Whoever reads
nothing gets nothing: what a slow page has missed is not kept for it. Those that read got ${mebibytes(receivedBytes)} MiB.

${held}`;
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
