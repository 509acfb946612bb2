import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { drawRpcPlot } from "./rpc-plot.js";
import { type RpcReport, renderRpcReport } from "./rpc-report.js";

const around = (median: number) => ({
  median,
  min: median / 2,
  max: median * 2,
});

function cost(peer: string, cpuUs: number, pacedPerSecond = 1_000) {
  return {
    peer,
    cpuUs: around(cpuUs),
    perSecond: around(1_000_000 / cpuUs),
    p50Ms: around(1),
    p99Ms: around(cpuUs / 10),
    pacedPerSecond: around(pacedPerSecond),
    rssBytes: around(64 * 1_048_576),
    startMs: around(500),
  };
}

const report: RpcReport = {
  machine: {
    date: "2026-11-23",
    cpu: "a CPU",
    cores: 2,
    node: "v20.20.2",
    load: 0,
  },
  command: "npm run bench",
  rounds: 5,
  seconds: 3,
  rates: { rpc: 1_000, proxy: 200 },
  sections: [
    {
      kind: "rpc",
      others: around(0.02),
      costs: [
        cost("both-ends", 40),
        cost("connect-go", 60),
        cost("bare node:http2", 32),
        cost("grpcio", 300, 700),
      ],
    },
  ],
  clients: {
    costs: [
      {
        client: "connectrpc-fastlane",
        cpuUs: around(60),
        perSecond: around(9_000),
      },
      {
        client: "bare node:http2",
        cpuUs: around(50),
        perSecond: around(9_000),
      },
    ],
    skipped: [{ name: "some client", why: "it is away" }],
  },
  skipped: [{ name: "some peer", why: "no compiler" }],
};

suite("renderRpcReport()", () => {
  const markdown = renderRpcReport(report);

  test("compares medians with the goals", () => {
    assert.match(markdown, /CPU, both-ends to bare node:http2 +\| +1\.25 \|/);
    assert.match(markdown, /per second, both-ends to connect-go +\| +1\.50 \|/);
    assert.match(markdown, /p99, both-ends to connect-go +\| +0\.67 \|/);
    assert.match(markdown, /CPU, connectrpc-fastlane to .* +\| +1\.20 \|/);
  });

  test("tells what was skipped, and who did not keep the pace", () => {
    assert.match(markdown, /- some peer: no compiler\n- some client: it is/);
    assert.match(markdown, /rate was not reached by grpcio \(700\/s\)\./);
  });
});

suite("drawRpcPlot()", () => {
  test("draws each peer", async () => {
    const svg = await drawRpcPlot(report);
    assert.match(svg, /^<svg/);
    for (const peer of ["both-ends", "connect-go", "grpcio"]) {
      assert.ok(svg.includes(`>${peer}<`), peer);
    }
  });
});
