import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { waitFor } from "@both-ends/testing";
import { expectedCounts, type TortureResult } from "@both-ends/torture";
import type { ProofPrometheus } from "./proof-prometheus.js";

const countNames = {
  handled: "handled_total",
  msgReceived: "msg_received_total",
  msgSent: "msg_sent_total",
} as const;

/** All counters of calls that Prometheus has, by everything they count. */
async function readCounts(
  prometheus: ProofPrometheus,
): Promise<Map<string, number>> {
  const by = "job, grpc_type, grpc_service, grpc_method, grpc_code, __name__";
  const series = await prometheus.query(
    `sum by (${by}) ({__name__=~"grpc_(server|client)_(handled|msg_received|msg_sent)_total"})`,
  );
  return new Map(
    series.map(({ labels, values }) => [
      [
        labels.__name__,
        labels.job,
        labels.grpc_type,
        labels.grpc_service,
        labels.grpc_method,
        labels.grpc_code ?? "",
      ].join(" "),
      values[0] ?? 0,
    ]),
  );
}

/** The counters, once the calls before have been scraped. */
export async function readSettledCounts(
  prometheus: ProofPrometheus,
): Promise<Map<string, number>> {
  const read = async () => {
    const counts = await readCounts(prometheus);
    const moving = [...counts.keys()].filter((key) =>
      /BeatHeart |Health/.test(key),
    );
    for (const key of moving) {
      counts.delete(key);
    }
    return counts;
  };
  return await waitFor(
    "counters at rest",
    async () => {
      const earlier = await read();
      await delay(1500);
      assert.deepEqual(await read(), earlier);
      return earlier;
    },
    { timeoutMs: 60_000 },
  );
}

/**
 * Checks that each counter grew by what the load made it grow, once the next
 * scrape has been. Beats of the workers go on meanwhile: BeatHeart is not in
 * the load. Returns the number of counters.
 */
export async function compareCounts(
  prometheus: ProofPrometheus,
  earlier: ReadonlyMap<string, number>,
  result: TortureResult,
): Promise<number> {
  const expected = new Map<string, number>();
  const add = (key: string, count: number) => {
    if (count > 0) {
      expected.set(key, (expected.get(key) ?? 0) + count);
    }
  };
  for (const count of expectedCounts(result)) {
    for (const [field, name] of Object.entries(countNames)) {
      const labels = [
        `grpc_${count.side}_${name}`,
        count.target,
        count.grpc_type,
        count.grpc_service,
        count.grpc_method,
        field === "handled" ? count.grpc_code : "",
      ];
      // Object.entries() types the keys of every object as strings.
      add(labels.join(" "), count[field as keyof typeof countNames]);
    }
  }
  const grown = async () => {
    const now = await readCounts(prometheus);
    return Object.fromEntries(
      [...expected.keys()].map((key) => [
        key,
        (now.get(key) ?? 0) - (earlier.get(key) ?? 0),
      ]),
    );
  };
  const wanted = Object.fromEntries(expected);
  await waitFor(
    "the counters to have been scraped",
    async () => {
      assert.deepEqual(await grown(), wanted);
      return true;
    },
    { timeoutMs: 30_000, intervalMs: 250 },
  );
  // Nothing comes late on top of it.
  await delay(1500);
  assert.deepEqual(await grown(), wanted);
  return expected.size;
}
