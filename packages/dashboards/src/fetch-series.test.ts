import assert from "node:assert/strict";
import { createServer } from "node:http";
import { suite, type TestContext, test } from "node:test";
import { fetchSeries } from "./fetch-series.js";

/** A Prometheus that answers every query with this. */
async function usePrometheus(t: TestContext, answer: unknown) {
  const server = createServer((_, res) => res.end(JSON.stringify(answer)));
  t.after(() => server.close());
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve());
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, fromMs: 0, toMs: 60_000 };
}

suite("fetchSeries()", { timeout: 10_000 }, () => {
  test("names series as the legend does, and leaves gaps out", async (t) => {
    const range = await usePrometheus(t, {
      data: {
        result: [
          {
            metric: { grpc_method: "M", grpc_code: "OK" },
            values: [
              [1, "0.5"],
              [2, "NaN"],
              [3, "2"],
            ],
          },
        ],
      },
    });
    const legend = "{{grpc_method}} {{grpc_code}}";
    assert.deepEqual(await fetchSeries({ ...range, expr: "x", legend }), [
      {
        name: "M OK",
        points: [
          [1000, 0.5],
          [3000, 2],
        ],
      },
    ]);
  });

  test("tells what Prometheus objects to", async (t) => {
    const range = await usePrometheus(t, { error: "parse error" });
    await assert.rejects(
      fetchSeries({ ...range, expr: "sum(", legend: "" }),
      /parse error: sum\(/,
    );
  });
});
