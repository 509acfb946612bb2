import assert from "node:assert/strict";
import { after, before, suite, type TestContext, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { needs, useCertificateAuthority } from "@both-ends/testing";
import type { Browser } from "playwright-core";
import { launchChromium } from "./chromium.js";
import { adminPassword, live, logIn, openConsole } from "./console-pages.js";
import { startPathProxy } from "./path-proxy.js";
import { type System, startSystem } from "./use-system.js";

const skip = needsDatabase().skip || needs("chromium").skip;

suite("the console of the running system", { skip, timeout: 300_000 }, () => {
  let system: System;
  let browser: Browser;
  let edge: string;
  before(
    async () => {
      system = await startSystem({ ADMIN_PASSWORD: adminPassword });
      edge = `http://${system.services.edge.web}`;
      browser = await launchChromium();
    },
    { timeout: 240_000 },
  );
  after(async () => {
    await browser?.close();
    await system?.stop();
  });

  test("edits a beat, and shows a worker that stops: late, down, since when", async (t) => {
    const tab = await openConsole(t, browser, edge);
    const { page, complaints } = tab;
    const time = `http://${system.services.time.web}`;
    await tab.go("/heartbeats");
    const row = page.getByRole("row").filter({ hasText: "change it" });
    const ofTime = row.filter({
      has: page.getByRole("link", { name: "time", exact: true }),
    });
    await ofTime.getByText("Alive").waitFor();
    await ofTime.getByRole("link", { name: "change it" }).click();
    // One login is good for all three consoles.
    await page.getByRole("button", { name: "Edit schedule" }).click();
    await page.getByLabel("Every").fill("2 seconds");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("every 2 seconds").waitFor();
    assert.ok(page.url().startsWith(time), page.url());
    await page.getByRole("link", { name: "who changed it" }).click();
    await page.getByRole("cell", { name: "admin", exact: true }).waitFor();
    await page.locator("ins").getByText("2 seconds").waitFor();

    await tab.go("/heartbeats");
    await ofTime.getByRole("cell", { name: /^2 s/ }).waitFor();
    const worker = await system.pid("time", "worker");
    process.kill(worker, "SIGSTOP");
    t.after(() => process.kill(worker, "SIGCONT"));
    await ofTime.getByText("Late").waitFor();
    await ofTime.getByText("Down").waitFor();
    await ofTime.getByText("silent since").waitFor();
    process.kill(worker, "SIGCONT");
    await ofTime.getByText("Alive").waitFor();
    assert.deepEqual(complaints, []);
  });

  test("runs a job by hand and shows its log", async (t) => {
    const tab = await openConsole(t, browser, edge);
    const { page, complaints } = tab;
    await tab.go("/jobs/send-heartbeat");
    await page.getByRole("button", { name: "Run now" }).click();
    const run = page.getByRole("row").filter({ hasText: "by hand: admin" });
    await run.getByRole("link").first().click();
    await page.getByText("edge answered after").waitFor();
    assert.deepEqual(complaints, []);
  });

  test("shows which calls fail, and in which code", async (t) => {
    const tab = await openConsole(t, browser, edge);
    const { page, complaints } = tab;
    await live(page).waitFor();
    const { status } = await fetch(`${edge}/proxy/not_found/`);
    assert.equal(status, 404);
    const failing = page.getByRole("region", { name: "Failing calls" });
    const row = failing.getByRole("row").filter({ hasText: "NotFound" });
    await row.getByText("revertname.v1.RevertNameService/RevertName").waitFor();
    assert.deepEqual(complaints, []);
  });

  test("goes on when a server that was killed is back", async (t) => {
    const tab = await openConsole(t, browser, edge);
    const { page, complaints } = tab;
    await live(page).waitFor();
    process.kill(await system.pid("edge", "server"), "SIGKILL");
    await page.getByText("Reconnecting", { exact: true }).waitFor();
    await live(page).waitFor();
    assert.deepEqual(complaints, []);
  });

  test("asks for the login again when the session is ended from elsewhere", async (t) => {
    const tab = await openConsole(t, browser, edge);
    const other = await openConsole(t, browser, edge);
    await tab.go("/jobs/send-heartbeat");
    await live(tab.page).waitFor();
    await other.page.getByRole("button", { name: "admin" }).click();
    await other.page
      .getByRole("menuitem", { name: "Log out everywhere" })
      .click();
    await other.page.getByLabel("User name").waitFor();
    const ended = tab.page.getByText("Your session has ended");
    // A run that ends meanwhile makes the page find out by itself.
    const readAgain = tab.page.getByRole("button", { name: "Read again" });
    await Promise.any([readAgain.click(), ended.waitFor()]);
    await ended.waitFor();
    await logIn(tab.page);
    await tab.page.getByRole("heading", { name: "send-heartbeat" }).waitFor();
    assert.ok(tab.complaints.length > 0);
    for (const complaint of tab.complaints) {
      assert.match(complaint, /status of 401/);
    }
  });

  test("works below a path of a proxy", async (t) => {
    const path = "/behind/a/proxy";
    const origin = await startPathProxy(t, system.services.edge.web, path);
    const { page, complaints } = await openConsole(t, browser, origin);
    await live(page).waitFor();
    await page.getByRole("link", { name: "Jobs" }).click();
    await page.getByRole("link", { name: "prune-heartbeats" }).first().click();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Paused", { exact: true }).waitFor();
    assert.ok(page.url().startsWith(`${origin}/admin/#/jobs/`), page.url());
    assert.deepEqual(complaints, []);
  });
});

suite(
  "the console over TLS",
  { skip: skip || needs("openssl").skip, timeout: 300_000 },
  () => {
    test("keeps its session in a __Host- cookie", async (t: TestContext) => {
      const authority = await useCertificateAuthority(t, "authority");
      const server = await authority.issue("server");
      const system = await startSystem(
        ({ time, "revert-name": name, edge }) => ({
          ADMIN_PASSWORD: adminPassword,
          TLS_CERT_FILE: server.cert,
          TLS_KEY_FILE: server.key,
          CALL_CA_FILE: authority.ca,
          TIME_URL: `https://${time.web}`,
          REVERT_NAME_URL: `https://${name.web}`,
          EDGE_URL: `https://${edge.web}`,
        }),
      );
      t.after(() => system.stop());
      const browser = await launchChromium();
      t.after(() => browser.close());
      const origin = `https://${system.services.edge.web}`;
      const tab = await openConsole(t, browser, origin);
      await live(tab.page).waitFor();
      const cookies = await tab.page.context().cookies();
      assert.deepEqual(
        cookies.map(({ name, path, secure, httpOnly, sameSite }) => ({
          name,
          path,
          secure,
          httpOnly,
          sameSite,
        })),
        [
          {
            name: "__Host-session",
            path: "/",
            secure: true,
            httpOnly: true,
            sameSite: "Strict",
          },
        ],
      );
      await tab.go("/jobs/prune-heartbeats");
      await tab.page.getByRole("button", { name: "Run now" }).click();
      await tab.page.getByText("by hand: admin").waitFor();
      assert.deepEqual(tab.complaints, []);
    });
  },
);
