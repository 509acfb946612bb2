// Takes a picture of each page of the console, in both themes and both widths,
// of a system in which calls fail and a worker hangs:
// npm run shoot-pages -w e2e -- FOLDER
// With --write, it also makes those in docs/images anew.
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { MongoClient } from "mongodb";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchChromium } from "./chromium.js";
import { adminPassword, live, openConsole } from "./console-pages.js";
import { fillDatabase } from "./fill-database.js";
import { root, startSystem } from "./use-system.js";

const rows = 400;
const callsMs = 90_000;
const themes = ["light", "dark"] as const;
const widths = [1280, 360];

/** A page, and how to get it to show what it is for. */
interface Scene {
  readonly name: string;
  readonly path: string;
  /** What is there once it is read. */
  readonly shown: string;
  prepare?(page: Page): Promise<unknown>;
}

const scenes: readonly Scene[] = [
  { name: "overview", path: "/", shown: 'section[aria-label="Failing calls"]' },
  { name: "calls", path: "/calls", shown: "tbody tr" },
  {
    name: "heartbeats",
    path: "/heartbeats",
    shown: 'main:has(section[aria-label="Beats"] tbody tr):has(ul.bars li)',
  },
  {
    name: "jobs",
    path: "/jobs",
    shown: 'section[aria-label="List of runs"] tbody tr',
  },
  {
    name: "job",
    path: "/jobs/send-heartbeat",
    shown: 'section[aria-label="List of runs"] tbody tr',
  },
  {
    name: "job-editor",
    path: "/jobs/prune-heartbeats",
    shown: "dl.facts",
    async prepare(page) {
      await page.getByRole("button", { name: "Edit schedule" }).click();
      await page.getByRole("dialog").getByText(/^in /).first().waitFor();
    },
  },
  {
    name: "run",
    path: "/jobs/send-heartbeat",
    shown: 'section[aria-label="List of runs"] tbody tr',
    async prepare(page) {
      const runs = page.getByRole("region", { name: "List of runs" });
      await runs.getByRole("link").first().click();
      await page.getByRole("heading", { name: "Log" }).waitFor();
    },
  },
  {
    name: "try-it",
    path: "/try",
    shown: 'form[aria-label="Request"]',
    async prepare(page) {
      await page.getByRole("button", { name: "unavailable" }).click();
      const response = page.getByRole("region", { name: "Response" });
      await response.getByText("Unavailable").first().waitFor();
    },
  },
  {
    name: "users",
    path: "/users",
    shown: 'section[aria-label="List of users"] tbody tr',
  },
  {
    name: "audit",
    path: "/audit",
    shown: 'section[aria-label="Changes"] tbody tr',
  },
];

/** The pictures of the documentation: names of scenes, how high they are. */
const documented: readonly { scene: string; height: number }[] = [
  { scene: "overview", height: 1_000 },
  { scene: "heartbeats", height: 900 },
  { scene: "job", height: 800 },
];

const releases: (() => unknown)[] = [];
const t = {
  // Its ends take no argument.
  after: (end: unknown) => releases.push(end as () => unknown),
};
try {
  const folder = process.argv.slice(2).find((word) => !word.startsWith("--"));
  if (folder === undefined) {
    throw new Error("name the folder to put the pictures in");
  }
  // From where npm was called: it runs this in the folder of the package.
  const into = resolve(process.env.INIT_CWD ?? ".", folder);
  await mkdir(into, { recursive: true });
  await shoot(into);
} finally {
  for (const release of releases.reverse()) {
    await release();
  }
}

async function shoot(into: string): Promise<void> {
  const system = await startSystem({ ADMIN_PASSWORD: adminPassword });
  releases.push(() => system.stop());
  const origin = `http://${system.services.edge.web}`;
  const mongo = await MongoClient.connect(system.databaseUri);
  releases.push(() => mongo.close());
  await fillDatabase(mongo, rows);
  const browser = await launchChromium();
  releases.push(() => browser.close());

  const { page } = await openConsole(t, browser, origin);
  await live(page).waitFor();
  const worker = await system.pid("revert-name", "worker");
  process.kill(worker, "SIGSTOP");
  releases.push(() => process.kill(worker, "SIGCONT"));
  await callByTurns(origin);
  await changeSchedule(page, origin);
  const state = await page.context().storageState();

  for (const theme of themes) {
    for (const width of widths) {
      const stranger = await openContext(browser, { theme, width });
      const login = await stranger.newPage();
      await login.goto(`${origin}/admin/`);
      await login.getByLabel("User name").waitFor();
      await save(login, into, `login-${theme}-${width}`);
      await stranger.close();
      const context = await openContext(browser, { theme, width, state });
      for (const scene of scenes) {
        const tab = await openScene(context, origin, scene);
        await save(tab, into, `${scene.name}-${theme}-${width}`);
        await tab.close();
      }
      await context.close();
    }
  }
  if (process.argv.includes("--write")) {
    await writeDocumented(browser, state, origin);
  }
}

/** Calls of every outcome, as many as a person can follow in a plot. */
async function callByTurns(origin: string): Promise<void> {
  const end = Date.now() + callsMs;
  for (let call = 0; Date.now() < end; call += 1) {
    const name =
      call % 23 === 0
        ? "unavailable"
        : call % 37 === 0
          ? "not_found"
          : "Rodrigo";
    const answer = await fetch(`${origin}/proxy/${name}/`);
    await answer.arrayBuffer();
    const wave = 30 + 20 * Math.sin(call / 60);
    await new Promise((done) => setTimeout(done, wave));
  }
}

/** So that there is a change by a person to show. */
async function changeSchedule(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/admin/#/jobs/send-heartbeat`);
  await page.getByRole("button", { name: "Edit schedule" }).click();
  await page.getByLabel("Every").fill("5 seconds");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("every 5 seconds").waitFor();
  await page.getByRole("button", { name: "Run now" }).click();
  await page.getByText("by hand: admin").waitFor();
}

interface Looks {
  readonly theme: (typeof themes)[number];
  readonly width: number;
  readonly height?: number;
  readonly state?: Awaited<ReturnType<BrowserContext["storageState"]>>;
}

function openContext(browser: Browser, looks: Looks): Promise<BrowserContext> {
  const { theme, width, height = 800, state } = looks;
  return browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    ...(state === undefined ? {} : { storageState: state }),
  });
}

async function openScene(
  context: BrowserContext,
  origin: string,
  { path, shown, prepare }: Scene,
): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(`${origin}/admin/#${path}`);
  await page.locator(shown).first().waitFor();
  await prepare?.(page);
  // A dialog that opens, and the last plot, are there after a few frames.
  await page.waitForTimeout(500);
  return page;
}

async function save(page: Page, into: string, name: string): Promise<void> {
  await page.screenshot({ path: join(into, `${name}.png`), fullPage: true });
  process.stdout.write(`${name}.png\n`);
}

async function writeDocumented(
  browser: Browser,
  state: NonNullable<Looks["state"]>,
  origin: string,
): Promise<void> {
  for (const { scene: name, height } of documented) {
    const scene = scenes.find((one) => one.name === name);
    if (scene === undefined) {
      throw new Error(`no page is named ${name}`);
    }
    const looks = { theme: "light", width: 1_280, height, state } as const;
    const context = await openContext(browser, looks);
    const page = await openScene(context, origin, scene);
    const debug = await context.newCDPSession(page);
    // Playwright itself knows no WebP.
    const { data } = await debug.send("Page.captureScreenshot", {
      format: "webp",
      quality: 80,
    });
    const file = join(root, `docs/images/console-${name}.webp`);
    await writeFile(file, Buffer.from(data, "base64"));
    process.stdout.write(`${file}\n`);
    await context.close();
  }
}
