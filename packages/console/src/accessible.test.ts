import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, suite, test } from "node:test";
import { needs, waitFor } from "@both-ends/testing";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "./fixture/launch-chromium.js";
import { type Fixture, startFixture } from "./fixture/start-fixture.js";
import { openConsole, openLogin } from "./fixture/use-console.js";

const axeFile = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const axe = readFileSync(axeFile, "utf8");

const pages = [
  ["/", "Latency, 95th percentile"],
  ["/calls", "All methods together"],
  ["/heartbeats", "History"],
  ["/jobs", "Runs"],
  ["/jobs/send-heartbeat", "Next runs"],
  ["/runs/run-4", "Log"],
  ["/try", "The same call from a shell"],
  ["/users", "API tokens"],
  ["/audit", "Audit log"],
] as const;

suite("the pages for everybody", needs("chromium"), () => {
  let browser: Browser;
  let fixture: Fixture;
  before(
    async () => {
      fixture = await startFixture();
      browser = await launchChromium();
    },
    { timeout: 60_000 },
  );
  after(async () => {
    await browser?.close();
    await fixture?.stop();
  });

  for (const theme of ["light", "dark"] as const) {
    for (const width of [1280, 360]) {
      test(`have no violations in ${theme}, ${width} px wide`, async (t) => {
        const options = { browser, fixture, theme, width };
        const login = await openLogin(t, options);
        const found = await violations(login.page, "login");
        const { page } = await openConsole(t, options);
        for (const [path, heading] of pages) {
          await page.goto(`${fixture.origin}/admin/#${path}`);
          await page
            .getByRole("heading", { name: heading, exact: true })
            .waitFor();
          const reading = page.getByText(/^Reading .* …$/);
          await waitFor(
            `${path} to be read`,
            async () => (await reading.count()) === 0,
          );
          found.push(...(await violations(page, path)));
          const overflow = await page.evaluate(
            () => document.documentElement.scrollWidth - window.innerWidth,
          );
          assert.ok(overflow <= 0, `${path} is ${overflow} px too wide`);
        }
        assert.deepEqual(found, []);
      });
    }
  }

  test("can be reached by keyboard alone", async (t) => {
    const { page } = await openConsole(t, { browser, fixture });
    await page.getByText("Live", { exact: true }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const focused = await page.evaluate(() => document.activeElement?.id);
    assert.equal(focused, "main");
  });
});

async function violations(page: Page, where: string): Promise<string[]> {
  // By the debugger, which the policy of the page does not concern.
  const found = await page.evaluate(
    `${axe}; axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + " " + n.any.map((a) => a.message).join()).join(" | ")))`,
  );
  // The script above answers strings.
  return (found as string[]).map((one) => `${where} ${one}`);
}
