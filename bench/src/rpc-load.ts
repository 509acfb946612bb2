import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "@both-ends/testing";
import { textFrame } from "./peers/frames.js";

/** What is asked for again and again. */
export interface Target {
  readonly kind: "rpc" | "proxy";
  readonly port: number;
}

/** How many requests were answered, and in what time. */
export interface LoadResult {
  readonly calls: number;
  readonly perSecond: number;
}

/** Times of requests at a given rate, in milliseconds. */
export interface PacedResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The name that is reversed. */
export const sampleName = "Rodrigo";

/** Bytes of the gRPC frame that answers it: prefix, tag, length, text. */
const answerBytes = 5 + 2 + sampleName.length;

/** h2load's and wrk's connections, and streams on each of h2load's. */
const connections = { rpc: 4, streams: 8, proxy: 32, pacedProxy: 8 };

/** What loads are made of, in words. */
export const loadWords = `h2load with ${connections.rpc} connections of ${connections.streams} streams for RevertName, wrk with ${connections.proxy} connections for /proxy`;

/** Sends as many requests as are answered. */
export async function saturate(
  { kind, port }: Target,
  seconds: number,
): Promise<LoadResult> {
  return kind === "rpc"
    ? await h2loadRpc(port, seconds)
    : await wrk(port, seconds);
}

/**
 * Sends requests at a rate, each second, and times them. Gives undefined if
 * too few are answered for that.
 */
export async function pace(
  { kind, port }: Target,
  rate: number,
  seconds: number,
): Promise<PacedResult | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "bench-rpc-"));
  try {
    const log = join(folder, "h2load.log");
    const clients = kind === "rpc" ? connections.rpc : connections.pacedProxy;
    const perClient = Math.max(1, Math.round(rate / clients));
    const args = [
      ...(kind === "rpc"
        ? await rpcArguments(folder, port)
        : ["--h1", "-m1", `-c${clients}`, proxyUrl(port)]),
      ...["-t1", "-D", String(seconds), "--rps", String(perClient)],
      `--log-file=${log}`,
    ];
    await h2load(args, seconds);
    return summarizeLog(await readFile(log, "utf8"), seconds);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function h2loadRpc(port: number, seconds: number): Promise<LoadResult> {
  const folder = await mkdtemp(join(tmpdir(), "bench-rpc-"));
  try {
    const args = [
      ...(await rpcArguments(folder, port)),
      ...["-t1", "-D", String(seconds)],
    ];
    const output = await h2load(args, seconds);
    const calls = number(output, /(\d+) succeeded/);
    const bytes = number(output, /\((\d+)\) data/);
    const inFlight = connections.rpc * connections.streams;
    // Calls that are cut off at the end may have sent their frame already.
    const surplus = bytes / answerBytes - calls;
    if (surplus < 0 || surplus > 2 * inFlight) {
      throw new Error(
        `${calls} calls were answered with ${bytes} bytes: not all were reversed names`,
      );
    }
    return { calls, perSecond: number(output, /([\d.]+) req\/s/) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function rpcArguments(folder: string, port: number): Promise<string[]> {
  const body = join(folder, "body.bin");
  await writeFile(body, textFrame({ 1: sampleName }));
  return [
    `-c${connections.rpc}`,
    `-m${connections.streams}`,
    ...["-d", body],
    ...["-H", "content-type: application/grpc"],
    ...["-H", "te: trailers"],
    `http://127.0.0.1:${port}/revertname.v1.RevertNameService/RevertName`,
  ];
}

async function h2load(
  args: readonly string[],
  seconds: number,
): Promise<string> {
  const { code, stdout, stderr } = await run("h2load", args, {
    timeoutMs: seconds * 1_000 + 30_000,
  });
  const failed = number(stdout, /(\d+) failed/);
  if (code !== 0 || failed > 0 || !/ 0 4xx, 0 5xx/.test(stdout)) {
    throw new Error(`h2load ended with ${code}: ${stdout}${stderr}`);
  }
  return stdout;
}

async function wrk(port: number, seconds: number): Promise<LoadResult> {
  const { code, stdout, stderr } = await run(
    "wrk",
    [
      ...["-t1", `-c${connections.proxy}`, `-d${seconds}s`],
      ...["--timeout", "10s", proxyUrl(port)],
    ],
    { timeoutMs: seconds * 1_000 + 30_000 },
  );
  if (code !== 0 || /Non-2xx|Socket errors/.test(stdout)) {
    throw new Error(`wrk ended with ${code}: ${stdout}${stderr}`);
  }
  return {
    calls: number(stdout, /(\d+) requests in/),
    perSecond: number(stdout, /Requests\/sec:\s+([\d.]+)/),
  };
}

function proxyUrl(port: number): string {
  return `http://127.0.0.1:${port}/proxy/${sampleName}/`;
}

/** Leaves out the first tenth, in which connections are made. */
function summarizeLog(log: string, seconds: number): PacedResult | undefined {
  const rows = log
    .trim()
    .split("\n")
    .map((line) => line.split("\t").map(Number))
    .map(([startedUs = 0, , tookUs = 0]) => ({ startedUs, tookUs }))
    .sort((a, b) => a.startedUs - b.startedUs);
  const counted = rows.slice(Math.floor(rows.length / 10));
  if (counted.length < 2) {
    return undefined;
  }
  const times = counted.map(({ tookUs }) => tookUs).sort((a, b) => a - b);
  const quantile = (q: number) =>
    Number(times[Math.min(times.length - 1, Math.floor(times.length * q))]) /
    1_000;
  return {
    perSecond: rows.length / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  };
}

function number(text: string, pattern: RegExp): number {
  const [, found] = pattern.exec(text) ?? [];
  if (found === undefined) {
    throw new Error(`there is no ${pattern} in ${text}`);
  }
  return Number(found);
}
