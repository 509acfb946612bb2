import assert from "node:assert/strict";
import { waitFor } from "@both-ends/testing";
import { handledByCode, readMetrics } from "./read-metrics.js";

/** Codes of one method that calls may end with, and how many calls there are. */
export interface ExpectedCalls {
  method: string;
  codes: readonly string[];
  calls: number;
}

/**
 * The codes that a server counts for a deadline. The caller's clock runs out
 * first, and on a busy machine its reset of the stream, which says that it has
 * cancelled, is there before the server's own timer.
 */
export const deadlineCodes = ["DeadlineExceeded", "Canceled"] as const;

/**
 * Runs what makes calls, and waits until a server has counted just these. The
 * workers' own heartbeats go on meanwhile and are left out.
 */
export async function countCalls<T>(
  metrics: string,
  { method, codes, calls }: ExpectedCalls,
  run: () => Promise<T>,
): Promise<T> {
  const read = async () => handledByCode(await readMetrics(metrics), "server");
  const before = await read();
  const result = await run();
  await waitFor("the server to have counted", async () => {
    const counted = Object.entries(await read())
      .map(([key, value]) => [key, value - (before[key] ?? 0)] as const)
      .filter(([key, value]) => value !== 0 && key !== "BeatHeart OK");
    const wanted = codes.map((code) => `${method} ${code}`);
    const others = counted.filter(([key]) => !wanted.includes(key));
    assert.deepEqual(others, []);
    const sum = counted.reduce((total, [, value]) => total + value, 0);
    assert.equal(sum, calls);
    return true;
  });
  return result;
}
