// Measures when each page of the console shows its first content, with 10,000
// rows behind it, and writes the table into docs/console.md:
// npm run measure-pages -w e2e -- --write
import { fileURLToPath } from "node:url";
import {
  describeMachine,
  markdownTable,
  median,
  renderMachine,
  writeSection,
} from "@both-ends/bench";
import { MongoClient } from "mongodb";
import type { Browser } from "playwright-core";
import { launchChromium } from "./chromium.js";
import { adminPassword, openConsole } from "./console-pages.js";
import { fillDatabase } from "./fill-database.js";
import {
  type Fetched,
  measuredPages,
  type PageTiming,
  timePage,
  tracePage,
} from "./time-page.js";
import { startSystem } from "./use-system.js";

const rows = 10_000;
const times = 9;
const tracedPage = "Jobs";
const document = fileURLToPath(
  new URL("../../docs/console.md", import.meta.url),
);

const releases: (() => unknown)[] = [];
try {
  const machine = renderMachine(describeMachine());
  const text = `\`npm run measure-pages -w e2e -- --write\`, ${machine}, Chromium on the same machine.

${await measure()}`;
  process.stdout.write(`${text}\n`);
  if (process.argv.includes("--write")) {
    await writeSection(document, "pages", text, "The console");
  }
} finally {
  for (const release of releases.reverse()) {
    await release();
  }
}

async function measure(): Promise<string> {
  const system = await startSystem({ ADMIN_PASSWORD: adminPassword });
  releases.push(() => system.stop());
  const mongo = await MongoClient.connect(system.databaseUri);
  releases.push(() => mongo.close());
  await fillDatabase(mongo, rows);
  const browser = await launchChromium();
  releases.push(() => browser.close());
  const origin = `http://${system.services.edge.web}`;
  for (const name of ["Rodrigo", "not_found"]) {
    await fetch(`${origin}/proxy/${name}/`);
  }
  const t = {
    // Its ends take no argument.
    after: (end: unknown) => releases.push(end as () => unknown),
  };
  const { page } = await openConsole(t, browser, origin);
  const state = await page.context().storageState();
  await page.close();
  const table: string[][] = [];
  for (const measured of measuredPages) {
    const cold: PageTiming[] = [];
    const warm: PageTiming[] = [];
    for (let time = 0; time < times; time += 1) {
      const context = await browser.newContext({ storageState: state });
      cold.push(await timePage(context, origin, measured));
      warm.push(await timePage(context, origin, measured));
      await context.close();
    }
    table.push([
      measured.name,
      middle(cold, "firstMs"),
      worst(cold, "firstMs"),
      middle(cold, "allMs"),
      middle(warm, "firstMs"),
      middle(warm, "allMs"),
    ]);
  }
  return `${markdownTable(
    [
      "ms",
      "first visit: first content",
      "slowest",
      "everything",
      "again: first content",
      "everything",
    ],
    table,
  )}

Medians of ${times}. What the page ${tracedPage} asks for at a first visit:

${await renderTrace(browser, state, origin)}`;
}

async function renderTrace(
  browser: Browser,
  state: Parameters<typeof tracePage>[1],
  origin: string,
): Promise<string> {
  const measured = measuredPages.find(({ name }) => name === tracedPage);
  if (measured === undefined) {
    throw new Error(`no page is named ${tracedPage}`);
  }
  const fetched = await tracePage(browser, state, origin, measured);
  return markdownTable(
    ["asked for", "from ms", "to ms", "KiB"],
    fetched
      .filter(({ endMs }) => endMs > 0)
      .map(({ name, startMs, endMs, bytes }: Fetched) => [
        nameOf(name, origin),
        startMs.toFixed(0),
        endMs.toFixed(0),
        (bytes / 1_024).toFixed(1),
      ]),
  );
}

/** The last part of a path, without the hash of its content. */
function nameOf(url: string, origin: string): string {
  const { pathname } = new URL(url);
  return url.startsWith(origin)
    ? pathname.replace(/^.*\/(?=[^/]+\/[^/]*$)/, "").replace(/-[\w-]{8}\./, ".")
    : "inline";
}

function middle(timings: PageTiming[], of: keyof PageTiming): string {
  return median(timings.map((timing) => timing[of])).toFixed(0);
}

function worst(timings: PageTiming[], of: keyof PageTiming): string {
  return Math.max(...timings.map((timing) => timing[of])).toFixed(0);
}
