/// <reference lib="dom" />
import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";

/** A page of the console, and how to tell what it shows. */
export interface MeasuredPage {
  readonly name: string;
  /** Behind the `#`. */
  readonly path: string;
  /** What is there once the page shows something that it was opened for. */
  readonly first: string;
  /** What is there once it shows everything. By default, the same. */
  readonly all?: string;
}

/** When a page showed what it has, in milliseconds after it was asked for. */
export interface PageTiming {
  readonly firstMs: number;
  readonly allMs: number;
}

/** The pages, in the order of the navigation. */
export const measuredPages: readonly MeasuredPage[] = [
  {
    name: "Overview",
    path: "/",
    first: 'section[aria-label="edge server"]',
    all: 'section[aria-label="Failing calls"]',
  },
  {
    name: "Calls",
    path: "/calls",
    first: 'section[aria-label="Methods"] tbody tr',
  },
  {
    name: "Heartbeats",
    path: "/heartbeats",
    first: 'section[aria-label="Services"] tbody tr',
    all: 'main:has(section[aria-label="Beats"] tbody tr):has(ul.bars li)',
  },
  {
    name: "Jobs",
    path: "/jobs",
    first: 'section[aria-label="Jobs"] tbody tr',
    all: 'section[aria-label="List of runs"] tbody tr',
  },
  {
    name: "A job",
    path: "/jobs/send-heartbeat",
    first: "dl.facts",
    all: 'section[aria-label="List of runs"] tbody tr',
  },
  { name: "Try it", path: "/try", first: 'form[aria-label="Request"]' },
  {
    name: "Users",
    path: "/users",
    first: 'section[aria-label="List of users"] tbody tr',
  },
  {
    name: "Audit log",
    path: "/audit",
    first: 'section[aria-label="Changes"] tbody tr',
  },
];

/**
 * Opens a page of the console as a click on a bookmark does, in a tab of its
 * own that is open already, and closes it.
 */
export async function timePage(
  context: BrowserContext,
  origin: string,
  measured: MeasuredPage,
): Promise<PageTiming> {
  const { path, first, all = first } = measured;
  const page = await context.newPage();
  try {
    await untilIdle();
    await page.goto(`${origin}/admin/#${path}`, { waitUntil: "commit" });
    const firstMs = await untilShown(page, first);
    const allMs = await untilShown(page, all);
    return { firstMs, allMs };
  } catch (error) {
    throw new Error(`the page ${measured.name} does not show what it should`, {
      cause: error,
    });
  } finally {
    await page.close();
  }
}

/**
 * Waits until the machine has little to do, 5 s at most: a browser that opens a
 * window draws its own pages first, which takes longer than those of the console.
 */
async function untilIdle(): Promise<void> {
  const end = Date.now() + 5_000;
  let before = cpuTimes();
  let idle = 0;
  while (idle < 0.75 && Date.now() < end) {
    await delay(100);
    const now = cpuTimes();
    idle = (now.idle - before.idle) / (now.all - before.all);
    before = now;
  }
}

function cpuTimes(): { idle: number; all: number } {
  const sum = { idle: 0, all: 0 };
  for (const { times } of cpus()) {
    sum.idle += times.idle;
    sum.all += times.idle + times.user + times.sys + times.nice + times.irq;
  }
  return sum;
}

/** By the clock of the page, which begins when it was asked for. */
async function untilShown(page: Page, selector: string): Promise<number> {
  const found = await page.waitForFunction(
    (wanted) => document.querySelector(wanted) && performance.now(),
    selector,
    { timeout: 20_000, polling: "raf" },
  );
  return Number(await found.jsonValue());
}

/** One thing that a page asked for. */
export interface Fetched {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly bytes: number;
}

/** What a page asks for, in order, in a browser that has never seen it. */
export async function tracePage(
  browser: Browser,
  state: Awaited<ReturnType<BrowserContext["storageState"]>>,
  origin: string,
  { path, all, first }: MeasuredPage,
): Promise<readonly Fetched[]> {
  const context = await browser.newContext({ storageState: state });
  try {
    const page = await context.newPage();
    await untilIdle();
    await page.goto(`${origin}/admin/#${path}`, { waitUntil: "commit" });
    await untilShown(page, all ?? first);
    const entries = await page.evaluate(
      `JSON.stringify([...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map((e) => ({ name: e.name, startMs: e.startTime, endMs: e.responseEnd, bytes: e.transferSize })))`,
    );
    // The page made it from these fields.
    return JSON.parse(String(entries)) as Fetched[];
  } finally {
    await context.close();
  }
}
