import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { gzipSync } from "node:zlib";
import { needs, waitFor } from "@both-ends/testing";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "./fixture/launch-chromium.js";
import { type Fixture, startFixture } from "./fixture/start-fixture.js";
import { logIn, openConsole, openLogin } from "./fixture/use-console.js";

const live = (page: Page) => page.getByText("Live", { exact: true });

const pages = [
  ["/", "Failing calls"],
  ["/calls", "All methods together"],
  ["/heartbeats", "History"],
  ["/jobs", "Runs"],
  ["/jobs/send-heartbeat", "Next runs"],
  ["/runs/run-4", "Log"],
  ["/try", "The same call from a shell"],
  ["/users", "API tokens"],
  ["/audit", "Audit log"],
] as const;

suite("the console in Chromium", needs("chromium"), () => {
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

  test("refuses a wrong password, and lets the right one in", async (t) => {
    const { page, complaints } = await openLogin(t, { browser, fixture });
    await page.getByLabel("User name").fill("admin");
    await page.getByLabel("Password", { exact: true }).fill("wrong");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("do not belong together").waitFor();
    await logIn(page, { browser, fixture });
    await live(page).waitFor();
    // Of the first visit, none: that nobody is logged in is no error.
    assert.equal(complaints.length, 1);
    assert.match(complaints[0] ?? "", /status of 401/);
  });

  test("loads less than 250 kB of JavaScript, and nothing from elsewhere", async (t) => {
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    const sizes: Promise<number>[] = [];
    const elsewhere: string[] = [];
    page.on("response", (response) => {
      if (!response.url().startsWith(fixture.origin)) {
        elsewhere.push(response.url());
      }
      if (response.url().endsWith(".js")) {
        sizes.push(response.body().then((body) => gzipSync(body).length));
      }
    });
    await page.goto(`${fixture.origin}/admin/`);
    await page.getByLabel("User name").waitFor();
    await logIn(page, { browser, fixture });
    await live(page).waitFor();
    const total = (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
    t.diagnostic(`${total} bytes gzipped in ${sizes.length} files`);
    assert.ok(total < 250_000, `${total} bytes`);
    assert.deepEqual(elsewhere, []);
  });

  test("shows a fault that was made by a click", async (t) => {
    const options = { browser, fixture, path: "/try" };
    t.after(() => fixture.state.failures.clear());
    const { page, complaints } = await openConsole(t, options);
    await page.getByRole("button", { name: "unavailable" }).click();
    const response = page.getByRole("region", { name: "Response" });
    await response.getByText("Unavailable").waitFor();
    await response.getByText("asked to fail").waitFor();
    await page.getByRole("link", { name: "Overview" }).last().click();
    const plot = page.getByRole("region", { name: "Failures per second" });
    await plot.getByText("Unavailable").waitFor();
    await page
      .getByRole("region", { name: "Failing calls" })
      .getByText("edge.v1.EdgeService/Proxy")
      .waitFor();
    assert.deepEqual(complaints, []);
  });

  test("calls by Connect and by gRPC-Web", async (t) => {
    const { page } = await openConsole(t, { browser, fixture, path: "/try" });
    const response = page.getByRole("region", { name: "Response" });
    for (const protocol of ["connect-json", "connect", "grpc-web"]) {
      await page.getByLabel("Protocol").selectOption(protocol);
      await page.getByLabel("name", { exact: true }).fill(`by ${protocol}`);
      await page.getByRole("button", { name: "Call", exact: true }).click();
      const reversed = [...`by ${protocol}`].reverse().join("");
      await response.getByText(reversed).waitFor();
      await response.getByText("OK", { exact: true }).waitFor();
    }
  });

  test("edits a schedule after a preview, and refuses a bad one", async (t) => {
    const options = { browser, fixture, path: "/jobs/send-heartbeat" };
    const { page, complaints } = await openConsole(t, options);
    await page.getByRole("button", { name: "Edit schedule" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Every").fill("5 parsecs");
    await dialog.getByText("is no interval").waitFor();
    assert.ok(await dialog.getByRole("button", { name: "Save" }).isDisabled());
    // As the pages themselves show intervals.
    await dialog.getByLabel("Every").fill("5 s");
    await dialog.getByText("in 25 seconds").waitFor();
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText("every 5 seconds").waitFor();
    await page.getByRole("link", { name: "who changed it" }).click();
    await page.locator("ins").getByText("5 seconds").waitFor();
    assert.deepEqual(complaints, []);
  });

  test("shows the second of two editors what the first has changed", async (t) => {
    const options = { browser, fixture, path: "/jobs/prune-runs" };
    const first = await openConsole(t, options);
    const second = await openConsole(t, options);
    for (const { page } of [first, second]) {
      await page.getByRole("button", { name: "Edit schedule" }).click();
    }
    await first.page.getByLabel("Every").fill("2 hours");
    await first.page.getByRole("button", { name: "Save" }).click();
    await first.page.getByText("every 2 hours").waitFor();
    await second.page.getByLabel("Every").fill("3 hours");
    await second.page.getByRole("button", { name: "Save" }).click();
    const conflict = second.page.getByRole("dialog").getByRole("alert");
    await conflict.getByText("It now runs every 2 hours").waitFor();
    assert.equal(await conflict.locator("del").innerText(), "1 hour");
    assert.equal(await conflict.locator("ins").innerText(), "2 hours");
    await conflict.getByRole("button", { name: "Save mine over it" }).click();
    await first.page.getByText("every 3 hours").waitFor();
  });

  test("pauses, resumes, runs by hand and shows the log", async (t) => {
    const options = { browser, fixture, path: "/jobs/prune-heartbeats" };
    const { page, complaints } = await openConsole(t, options);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Paused", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText("Scheduled", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Run now" }).click();
    await page.getByText("done by hand").waitFor();
    const runs = page.getByRole("region", { name: "List of runs" });
    await runs.getByRole("link").first().click();
    await page.getByText("began by hand").waitFor();
    assert.deepEqual(complaints, []);
  });

  test("offers viewers nothing that they may not do", async (t) => {
    const options = { browser, fixture, username: "visitor" as const };
    const { page } = await openConsole(t, options);
    for (const [path, shown] of [
      ["/jobs/send-heartbeat", "Next runs"],
      ["/users", "API tokens"],
      ["/heartbeats", "History"],
    ] as const) {
      await page.goto(`${fixture.origin}/admin/#${path}`);
      await page.getByRole("heading", { name: shown }).waitFor();
      const offers = page.getByRole("button", {
        name: /edit|run now|pause|delete|add|make|revoke|forget|change/i,
      });
      assert.deepEqual(await offers.allInnerTexts(), [], path);
    }
  });

  test("leads back to the page after a session has ended", async (t) => {
    const options = { browser, fixture, path: "/jobs/send-heartbeat" };
    const { page } = await openConsole(t, options);
    // All is read before the session ends: the next call is the click's.
    await live(page).waitFor();
    await page.getByRole("region", { name: "List of runs" }).waitFor();
    fixture.state.sessions.clear();
    await page.getByRole("button", { name: "Read again" }).click();
    await page.getByText("Your session has ended").waitFor();
    await logIn(page, options);
    await page.getByRole("heading", { name: "send-heartbeat" }).waitFor();
  });

  test("says that it reconnects, and goes on when the server is back", async (t) => {
    const own = await startFixture();
    t.after(() => own.stop());
    const { page } = await openConsole(t, { browser, fixture: own });
    await live(page).waitFor();
    await own.stop();
    await page.getByText("Reconnecting", { exact: true }).waitFor();
    await own.start();
    await live(page).waitFor();
  });

  test("holds one stream for each page, and none while it is hidden", async (t) => {
    const own = await startFixture();
    t.after(() => own.stop());
    const { page } = await openConsole(t, { browser, fixture: own });
    for (const name of ["Calls", "Jobs", "Heartbeats", "Overview"]) {
      await page.getByRole("link", { name }).last().click();
      await live(page).waitFor();
      await waitFor("one stream", () => own.state.openStreams === 1);
    }
    await hide(page, true);
    await waitFor("no stream", () => own.state.openStreams === 0);
    await hide(page, false);
    await waitFor("a stream again", () => own.state.openStreams === 1);
  });

  test("opens its stream anew after the machine has slept", async (t) => {
    const own = await startFixture();
    t.after(() => own.stop());
    const { page } = await openConsole(t, { browser, fixture: own });
    await live(page).waitFor();
    const anew = page.waitForRequest(/WatchMetrics$/);
    // Nothing has run for two minutes.
    await page.evaluate(() => {
      const now = Date.now;
      Date.now = () => now() + 120_000;
    });
    await anew;
    await live(page).waitFor();
    await waitFor("one stream", () => own.state.openStreams === 1);
  });

  test("moves nothing that is shown already", async (t) => {
    const { page } = await openConsole(t, { browser, fixture });
    for (const [path, shown] of pages) {
      await page.goto("about:blank");
      await page.goto(`${fixture.origin}/admin/#${path}`);
      await page.getByRole("heading", { name: shown }).waitFor();
      const reading = page.getByText(/^Reading .* …$/);
      await waitFor(
        `${path} to be read`,
        async () => (await reading.count()) === 0,
      );
      const shift = await page.evaluate(sumLayoutShifts);
      t.diagnostic(`${path} ${shift.toFixed(3)}`);
      // What counts as good for a page of the web.
      assert.ok(shift < 0.1, `${path} has a layout shift of ${shift}`);
    }
  });

  test("answers a click in each of eight tabs", async (t) => {
    const own = await startFixture();
    t.after(() => own.stop());
    const { page } = await openConsole(t, { browser, fixture: own });
    const tabs = [page];
    while (tabs.length < 8) {
      await hide(tabs[tabs.length - 1] ?? page, true);
      const tab = await page.context().newPage();
      tabs.push(tab);
      await tab.goto(`${own.origin}/admin/`);
      await live(tab).waitFor();
    }
    for (const tab of tabs) {
      for (const other of tabs) {
        await hide(other, other !== tab);
      }
      await tab.getByRole("link", { name: "Jobs" }).click();
      await tab.getByRole("link", { name: "prune-runs" }).waitFor();
      await live(tab).waitFor();
    }
    await waitFor("one stream", () => own.state.openStreams === 1);
  });

  test("works behind a path prefix", async (t) => {
    const own = await startFixture({ prefix: "/behind/a/proxy" });
    t.after(() => own.stop());
    const { page, complaints } = await openConsole(t, {
      browser,
      fixture: own,
    });
    await live(page).waitFor();
    // A path that somebody typed without the fragment.
    await page.goto(`${own.origin}/admin/jobs/send-heartbeat`);
    await page.getByRole("heading", { name: "Next runs" }).waitFor();
    assert.equal(page.url(), `${own.origin}/admin/#/jobs/send-heartbeat`);
    assert.deepEqual(complaints, []);
  });

  test("follows a service from alive to down", async (t) => {
    const { HeartbeatState } = await import(
      "@both-ends/gen/heartbeat/v1/heartbeat_pb.js"
    );
    const { changed } = await import("./fixture/fixture-state.js");
    const options = { browser, fixture, path: "/heartbeats" };
    const { page } = await openConsole(t, options);
    const row = page.getByRole("row").filter({ hasText: "edge-worker-1" });
    await row.getByText("Alive").waitFor();
    const edge = fixture.state.heartbeats.get("edge");
    assert.ok(edge);
    for (const [state, word] of [
      [HeartbeatState.LATE, "Late"],
      [HeartbeatState.DOWN, "Down"],
    ] as const) {
      fixture.state.heartbeats.set("edge", { ...edge, state });
      changed(fixture.state);
      await row.getByText(word).waitFor();
    }
  });
});

/** By how much of the window what was shown has moved, as browsers count it. */
function sumLayoutShifts(): Promise<number> {
  return new Promise((resolve) => {
    new PerformanceObserver((list) => {
      resolve(
        list
          .getEntries()
          // The type of the entry is not one that TypeScript knows.
          .map((entry) => (entry as unknown as { value: number }).value)
          .reduce((sum, value) => sum + value, 0),
      );
    }).observe({ type: "layout-shift", buffered: true });
    // Told of nothing where nothing has moved.
    setTimeout(() => resolve(0), 500);
  });
}

/** What a browser does when another tab comes to the front. */
async function hide(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "visibilityState", {
      configurable: true,
      value: hidden ? "hidden" : "visible",
    });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
}
