import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { freePorts, needs } from "@both-ends/testing";
import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { launchChromium } from "./chromium.js";
import { type System, startSystem } from "./use-system.js";

const page = fileURLToPath(new URL("./browser-page.js", import.meta.url));

/** What the page found, see browser-page.ts. */
interface PageResult {
  post: string;
  get: string;
  getRequests: number;
  ticks: number;
}

suite(
  "a page of another origin in Chromium",
  { skip: needs("chromium").skip || needsDatabase().skip },
  () => {
    let system: System;
    let browser: Browser;
    let origin: string;
    let strangeOrigin: string;
    let script: string;
    before(
      async () => {
        const [port, strangePort] = await freePorts(2);
        origin = `http://127.0.0.1:${port}`;
        strangeOrigin = `http://127.0.0.1:${strangePort}`;
        const bundle = await build({
          entryPoints: [page],
          bundle: true,
          format: "esm",
          write: false,
        });
        script = bundle.outputFiles[0]?.text ?? "";
        system = await startSystem({ CORS_ORIGINS: origin });
        browser = await launchChromium();
      },
      { timeout: 300_000 },
    );
    after(async () => {
      await browser?.close();
      await system?.stop();
    });

    async function servePage(t: TestContext, at: string) {
      const server = createServer((req, res) => {
        if (req.url === "/page.js") {
          res.setHeader("content-type", "text/javascript").end(script);
        } else {
          res
            .setHeader("content-type", "text/html")
            .end(
              '<!doctype html><script type="module" src="/page.js"></script>',
            );
        }
      });
      await new Promise<void>((resolve) =>
        server.listen(Number(new URL(at).port), "127.0.0.1", () => resolve()),
      );
      t.after(() => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      });
      const tab = await browser.newPage();
      t.after(() => tab.close());
      const { time, "revert-name": revertName } = system.services;
      const query = new URLSearchParams({
        time: `http://${time.web}`,
        revertName: `http://${revertName.web}`,
      });
      await tab.goto(`${at}/?${query}`);
      const result = await tab.waitForFunction("globalThis.pageResult", null, {
        timeout: 20_000,
      });
      // The page puts its result there as JSON.
      return JSON.parse(String(await result.jsonValue())) as
        | PageResult
        | { error: string };
    }

    test("calls by POST and by GET, and reads a stream", async (t) => {
      assert.deepEqual(await servePage(t, origin), {
        post: "ogirdoR",
        get: "alemaP",
        getRequests: 1,
        ticks: 3,
      });
    });

    test("is refused when its origin is not named", async (t) => {
      const result = await servePage(t, strangeOrigin);
      assert.ok("error" in result, JSON.stringify(result));
      assert.match(result.error, /Failed to fetch/);
    });
  },
);
