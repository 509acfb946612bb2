import { Agent, request } from "node:http";
import { percentile } from "../percentile.js";

/** How `/proxy` did under load. */
export interface ProxyLoad {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers other than 200, and calls without an answer. */
  readonly failed: number;
}

const callers = 8;

/** Calls `/proxy` for so long from 8 callers, each without a pause. */
export async function loadProxy(
  origin: string,
  lastsMs: number,
): Promise<ProxyLoad> {
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const times: number[] = [];
  let failed = 0;
  const begun = performance.now();
  const end = begun + lastsMs;
  const work = async () => {
    while (performance.now() < end) {
      const before = performance.now();
      const isGood = await callOnce(agent, origin).catch(() => false);
      failed += isGood ? 0 : 1;
      times.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: callers }, work));
  const seconds = (performance.now() - begun) / 1_000;
  agent.destroy();
  return {
    perSecond: times.length / seconds,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    failed,
  };
}

function callOnce(agent: Agent, origin: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${origin}/proxy/Rodrigo/`,
      { agent, timeout: 10_000 },
      (answer) => {
        answer.on("error", reject);
        answer.on("end", () => resolve(answer.statusCode === 200));
        answer.resume();
      },
    );
    call.on("timeout", () => call.destroy(new Error("no answer within 10 s")));
    call.on("error", reject);
    call.end();
  });
}
