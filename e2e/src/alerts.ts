import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { arch, cpus, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  createAlertRules,
  createRecordingRules,
  renderRuleFile,
} from "@both-ends/dashboards";
import { useDatabase } from "@both-ends/mongo/test-database";
import { waitFor } from "@both-ends/testing";
import { type Scene, type Stage, scenes } from "./alert-scenes.js";
import { createCaller } from "./proof-caller.js";
import { type LoadedRule, startPrometheus } from "./proof-prometheus.js";
import { root, startSystem } from "./use-system.js";

/** By how much the times of the rules are divided. */
const speed = 30;

/** What was seen of an alert. */
interface Sighting {
  readonly alert: string;
  readonly what: string;
  readonly firedAfterMs: number;
  resolvedAfterMs: number;
  /** One line of what a person would have been told. */
  readonly summary: string;
}

const page = join(root, "docs/alerts.md");
const write = process.argv.includes("--write");
const only = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const ends: (() => unknown)[] = [];
const say = (text: string) => process.stdout.write(`${text}\n`);

// Ctrl-C must not leave a system behind.
process.once("SIGINT", async () => {
  await endAll();
  process.exit(130);
});

try {
  const stage = await setStage();
  const sightings: Sighting[] = [];
  const { rules } = stage.prometheus;
  await quiet(rules);
  say("all is well: no alert fires");
  for (const scene of scenes) {
    if (only.length === 0 || scene.alerts.some((name) => only.includes(name))) {
      try {
        sightings.push(...(await play(scene, stage)));
      } catch (error) {
        say(`  failed: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
  const names = (await rules()).filter(({ type }) => type === "alerting");
  const unseen = names.filter(
    ({ name }) => !sightings.some(({ alert }) => alert === name),
  );
  say(
    `${sightings.length} alerts fired and resolved, ${unseen.length} did not`,
  );
  if (write) {
    await writeFile(page, renderPage(await mergeRows(sightings)));
  }
  if (only.length === 0 && unseen.length > 0) {
    throw new Error(
      `never fired: ${unseen.map(({ name }) => name).join(", ")}`,
    );
  }
} finally {
  await endAll();
}

async function endAll(): Promise<void> {
  for (const end of ends.splice(0).reverse()) {
    await end();
  }
}

/** Starts the system and a Prometheus with rules that are in a hurry. */
async function setStage(): Promise<Stage> {
  const after = (end: () => unknown) => void ends.push(end);
  const database = await useDatabase({ after });
  const system = await startSystem({
    MONGODB_URI: database.uri,
    MAX_IN_FLIGHT: "50",
  });
  after(() => system.stop());
  const caller = await createCaller(system);
  after(() => caller.close());
  const folder = await mkdtemp(join(tmpdir(), "both-ends-alerts-"));
  after(() => rm(folder, { recursive: true }));
  const file = join(folder, "rules.yml");
  await writeFile(
    file,
    renderRuleFile([
      ...createRecordingRules({ speed }),
      ...createAlertRules({ speed }),
    ]),
  );
  const prometheus = await startPrometheus({
    system,
    more: { caller: caller.metrics },
    ruleFiles: [file],
  });
  after(() => prometheus.stop());
  // Counters show no rate before their second value, and no burn without calls.
  await caller.callEverything();
  await delay(2000);
  return { system, caller, prometheus, database };
}

/** Waits until no alert fires, nor is about to. */
async function quiet(rules: () => Promise<LoadedRule[]>): Promise<void> {
  let last: string[] = [];
  await waitFor(
    "no alert to fire",
    async () => {
      last = (await rules())
        .filter(({ state }) => !["", "inactive"].includes(state))
        .map(({ name }) => name);
      return last.length === 0;
    },
    { timeoutMs: 180_000, intervalMs: 500 },
  ).catch((error) => {
    throw new Error(`still firing: ${last.join(", ")}`, { cause: error });
  });
}

/** Does harm until every alert of the scene has fired, and waits for their end. */
async function play(scene: Scene, stage: Stage): Promise<Sighting[]> {
  const { what, alerts } = scene;
  const { rules, query } = stage.prometheus;
  say(`${what} …`);
  const begin = performance.now();
  const over = new AbortController();
  const harm = scene.harm(stage, over.signal);
  harm.catch(() => {});
  const seen = new Map<string, Sighting>();
  try {
    await waitFor(
      `${alerts.join(", ")} to fire`,
      async () => {
        for (const rule of await rules()) {
          const { name: alert, state } = rule;
          if (
            state === "firing" &&
            alerts.includes(alert) &&
            !seen.has(alert)
          ) {
            const firedAfterMs = performance.now() - begin;
            const { summary } = rule;
            say(
              `  ${alert} fires after ${inSeconds(firedAfterMs)}: ${summary}`,
            );
            seen.set(alert, {
              alert,
              what,
              firedAfterMs,
              resolvedAfterMs: 0,
              summary,
            });
          }
        }
        return seen.size === alerts.length;
      },
      { timeoutMs: 150_000, intervalMs: 250 },
    );
  } finally {
    over.abort();
    await harm;
  }
  const end = performance.now();
  const open = new Set(alerts);
  await waitFor(
    "the alerts to resolve",
    async () => {
      for (const { name, state } of await rules()) {
        const sighting = seen.get(name);
        if (state !== "firing" && sighting && open.delete(name)) {
          sighting.resolvedAfterMs = performance.now() - end;
        }
      }
      return open.size === 0;
    },
    { timeoutMs: 180_000, intervalMs: 250 },
  );
  say(`  resolved`);
  await query("up");
  await quiet(rules);
  return [...seen.values()];
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(0)} s`;
}

/** The rows of the page: those of alerts just seen, and the others as they are. */
async function mergeRows(sightings: readonly Sighting[]): Promise<string[]> {
  const before = await readFile(page, "utf8").catch(() => "");
  return scenes
    .flatMap(({ alerts }) => alerts)
    .flatMap((alert) => {
      const link = `| [${alert}](runbooks.md#${alert.toLowerCase()}) |`;
      const seen = sightings.find((sighting) => sighting.alert === alert);
      if (seen === undefined) {
        return before.split("\n").filter((row) => row.startsWith(link));
      }
      const { what, firedAfterMs, resolvedAfterMs, summary } = seen;
      return `${link} ${what} | ${inSeconds(firedAfterMs)} | ${inSeconds(resolvedAfterMs)} | ${summary} |`;
    });
}

function renderPage(rows: readonly string[]): string {
  return `# Alerts, seen firing

After this page you know that each alert fires for what it is meant for, says where, and ends when it is over.

Each was made to fire on the running system and a real Prometheus, one harm after the other, and was waited for until it had
resolved. Before each, no alert was firing. The rules are those of \`prometheus/rules\` with all times divided by ${speed} (5 minutes are ${Math.round(300 / speed)} s,
an hour is ${Math.round(3600 / speed)} s), scraped every second; thresholds are the same. Written by

    npm run build && node e2e/dist/alerts.js --write

on ${new Date().toISOString().slice(0, 10)} (${platform()} ${arch()}, ${cpus().length} cores, Node ${process.versions.node}).

| alert | what was done | fired after | resolved after | what it said |
| --- | --- | --- | --- | --- |
${rows.join("\n")}

That each rule also keeps quiet where it should is tested with \`promtool test rules\` (\`packages/dashboards/src/rule-cases.ts\`).
`;
}
