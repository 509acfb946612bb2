import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { needs, run } from "@both-ends/testing";
import { derivePrometheusConfig } from "./prometheus-config.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const text = await readFile(join(root, "prometheus.yml"), "utf8");
const jobs = [...text.matchAll(/job_name: (\S+)/g)].map(([, job = ""]) => job);
const targets = Object.fromEntries(
  jobs.map((job, index) => [job, `127.0.0.1:${9000 + index}`]),
);

suite("derivePrometheusConfig()", () => {
  test("keeps every job of prometheus.yml on its new address", {
    ...needs("promtool"),
    timeout: 30_000,
  }, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "prometheus-config-"));
    t.after(() => rm(folder, { recursive: true }));
    const file = join(folder, "prometheus.yml");
    const derived = derivePrometheusConfig(text, {
      targets: { ...targets, more: "127.0.0.1:9999" },
      intervalMs: 500,
      ruleFiles: [join(root, "prometheus/rules/*.yml")],
    });
    await writeFile(file, derived);
    const { code, stdout } = await run("promtool", ["check", "config", file]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /2 rule files found/);
    assert.deepEqual(
      [...derived.matchAll(/job_name: (\S+)\n.*\n.*\["(.*)"\]/g)].map(
        ([, job, target]) => [job, target],
      ),
      [...Object.entries(targets), ["more", "127.0.0.1:9999"]],
    );
    assert.doesNotMatch(derived, /dns_sd|alertmanager/);
    assert.match(derived, /scrape_interval: 500ms\n {2}scrape_timeout: 500ms/);
  });

  test("keeps the times, and what a job is told besides its targets", () => {
    const derived = derivePrometheusConfig(
      "global:\n  scrape_interval: 5s\nscrape_configs:\n  - job_name: a\n    dns_sd_configs:\n      - names: [a]\n    authorization:\n      credentials: secret\n",
      { targets: { a: "localhost:1" }, ruleFiles: [] },
    );
    assert.match(derived, /scrape_interval: 5s/);
    assert.match(derived, /authorization:\n {6}credentials: secret/);
    assert.doesNotMatch(derived, /names/);
  });

  test("refuses to lose a job", () => {
    assert.throws(
      () => derivePrometheusConfig(text, { targets: {}, ruleFiles: [] }),
      /no target is known for the job time$/,
    );
  });
});
