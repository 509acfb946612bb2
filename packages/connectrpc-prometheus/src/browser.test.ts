import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { needs } from "@both-ends/testing";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { sampleRoutes } from "./sample-fixture.test.js";

/**
 * The script of the page: it calls its own origin, and leaves the exposition
 * of its metrics in `globalThis.exposition`. prom-client itself needs Node, its
 * registry does not.
 */
const page = `
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import Registry from "prom-client/lib/registry.js";
import { createClientMetrics } from "./index.js";

async function makeCalls() {
  const registry = new Registry();
  const transport = createConnectTransport({
    baseUrl: location.origin,
    interceptors: [createClientMetrics({ registry, buckets: [60] }).interceptor],
  });
  const { revertName } = createClient(RevertNameService, transport);
  const { watchTime } = createClient(TimeService, transport);
  await revertName({ name: "a" });
  await revertName({ name: "denied" }).catch(() => {});
  await revertName({ name: "wait" }, { timeoutMs: 100 }).catch(() => {});
  for await (const _ of watchTime({})) {
    // Read to the end.
  }
  const caller = new AbortController();
  for await (const _ of watchTime({ timeZone: "wait" }, { signal: caller.signal })) {
    break;
  }
  caller.abort();
  return registry.metrics();
}

makeCalls().then(
  (text) => { globalThis.exposition = text; },
  (error) => { globalThis.exposition = String(error.stack); },
);
`;

async function bundlePage() {
  return await build({
    stdin: {
      contents: page,
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    },
    bundle: true,
    format: "esm",
    platform: "browser",
    metafile: true,
    write: false,
  });
}

suite("createClientMetrics() in a browser", { timeout: 60_000 }, () => {
  test("is bundled without anything of Node", async () => {
    const { metafile, warnings } = await bundlePage();
    assert.deepEqual(warnings, []);
    const [output] = Object.values(metafile.outputs);
    assert.deepEqual(output?.imports, []);
    const inputs = Object.keys(metafile.inputs).map((file) =>
      file.replace(/^.*node_modules\//, ""),
    );
    assert.deepEqual(
      inputs.filter((file) => file.startsWith("prom-client/")),
      ["prom-client/lib/util.js", "prom-client/lib/registry.js"],
    );
    assert.ok(inputs.some((file) => file.endsWith("/client-metrics.js")));
  });

  test("counts the calls of a page", needs("chromium"), async (t) => {
    const { outputFiles } = await bundlePage();
    const origin = await serve(t, outputFiles[0]?.text ?? "");
    const text = await readExposition(t, origin);
    const lines = text
      .split("\n")
      .filter((line) => /^grpc_client_(?!.*_(bucket|sum)\{)/.test(line))
      .map((line) => line.replace(/grpc_(type|service)="[^"]*",/g, ""));
    assert.deepEqual(lines.sort(), [
      'grpc_client_handled_total{grpc_method="RevertName",grpc_code="DeadlineExceeded"} 1',
      'grpc_client_handled_total{grpc_method="RevertName",grpc_code="OK"} 1',
      'grpc_client_handled_total{grpc_method="RevertName",grpc_code="PermissionDenied"} 1',
      'grpc_client_handled_total{grpc_method="WatchTime",grpc_code="Canceled"} 1',
      'grpc_client_handled_total{grpc_method="WatchTime",grpc_code="OK"} 1',
      'grpc_client_handling_seconds_count{grpc_method="RevertName"} 3',
      'grpc_client_handling_seconds_count{grpc_method="WatchTime"} 2',
      'grpc_client_in_flight{grpc_method="RevertName"} 0',
      'grpc_client_in_flight{grpc_method="WatchTime"} 0',
      'grpc_client_msg_received_total{grpc_method="RevertName"} 1',
      'grpc_client_msg_received_total{grpc_method="WatchTime"} 3',
      'grpc_client_msg_sent_total{grpc_method="RevertName"} 3',
      'grpc_client_msg_sent_total{grpc_method="WatchTime"} 2',
      'grpc_client_started_total{grpc_method="RevertName"} 3',
      'grpc_client_started_total{grpc_method="WatchTime"} 2',
    ]);
  });
});

/** Serves the page, and the calls that it makes. */
async function serve(t: TestContext, script: string): Promise<string> {
  const rpcs = connectNodeAdapter({ routes: sampleRoutes });
  const server = createServer((req, res) => {
    if (req.url === "/page.js") {
      res.setHeader("content-type", "text/javascript").end(script);
    } else if (req.url === "/") {
      res
        .setHeader("content-type", "text/html")
        .end('<!doctype html><script type="module" src="/page.js"></script>');
    } else {
      rpcs(req, res);
    }
  });
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve()),
  );
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** Opens the page in Chromium, and waits for what it counts. */
async function readExposition(t: TestContext, origin: string): Promise<string> {
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: [
      // Chromium refuses to sandbox for root, as tests in containers are.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
    ],
  });
  t.after(() => browser.close());
  const tab = await browser.newPage();
  await tab.goto(origin);
  const text = await tab.waitForFunction("globalThis.exposition", null, {
    timeout: 20_000,
  });
  return String(await text.jsonValue());
}

function chromiumPath(): string {
  const [path = ""] = (process.env.PATH ?? "")
    .split(":")
    .map((directory) => `${directory}/chromium`)
    .filter((file) => existsSync(file));
  return path;
}
