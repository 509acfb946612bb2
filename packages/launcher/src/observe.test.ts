import assert from "node:assert/strict";
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { needs, run } from "@both-ends/testing";
import { planObservation } from "./observe.js";
import { planProcesses } from "./plan.js";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** A folder with the repository's files for observers, and programs. */
async function useRoot(t: TestContext, programs: readonly string[]) {
  const root = await mkdtemp(join(tmpdir(), "observe-"));
  t.after(() => rm(root, { recursive: true }));
  for (const path of ["prometheus.yml", "prometheus", "grafana"]) {
    await cp(join(repository, path), join(root, path), { recursive: true });
  }
  await mkdir(join(root, "bin"));
  await mkdir(join(root, "conf"));
  await writeFile(join(root, "conf/defaults.ini"), "");
  for (const name of programs) {
    const path = join(root, "bin", name);
    await writeFile(path, "#!/bin/sh\n");
    await chmod(path, 0o755);
  }
  return { root, env: { PATH: join(root, "bin") } };
}

suite("planObservation()", () => {
  test("runs Prometheus and Grafana on the addresses of the services", async (t) => {
    const { root, env } = await useRoot(t, ["prometheus", "grafana"]);
    const plan = planProcesses({ EDGE_METRICS_PORT: "19995" });
    const found = await planObservation(
      root,
      { ...env, PROMETHEUS_PORT: "19090" },
      plan,
    );
    assert.deepEqual(found.observers, [
      { name: "prometheus", url: "http://127.0.0.1:19090" },
      { name: "grafana", url: "http://127.0.0.1:3000" },
    ]);
    assert.deepEqual(found.notes, []);
    assert.deepEqual(
      found.ports.map(({ port, variable }) => [port, variable]),
      [
        [19090, "PROMETHEUS_PORT"],
        [3000, "GRAFANA_PORT"],
      ],
    );
    const folder = join(root, ".data/observe");
    const config = await readFile(join(folder, "prometheus.yml"), "utf8");
    assert.match(config, /job_name: edge\n.*\n.*\["127\.0\.0\.1:19995"\]/);
    const files = join(folder, "grafana-provisioning");
    const source = await readFile(
      join(files, "datasources/prometheus.yml"),
      "utf8",
    );
    assert.match(source, /url: http:\/\/127\.0\.0\.1:19090\n/);
    const provider = await readFile(
      join(files, "dashboards/dashboards.yml"),
      "utf8",
    );
    assert.ok(
      provider.includes(`path: ${root}/grafana/provisioning/dashboards`),
    );
  });

  test("says what is not there", async (t) => {
    const { root, env } = await useRoot(t, []);
    const plan = planProcesses({});
    const nothing = await planObservation(root, env, plan);
    assert.deepEqual(nothing.processes, []);
    assert.match(nothing.notes.join(), /Prometheus is not on PATH/);
    await writeFile(join(root, "bin/prometheus"), "#!/bin/sh\n", {
      mode: 0o755,
    });
    const some = await planObservation(root, env, plan);
    assert.deepEqual(
      some.processes.map(({ name }) => name),
      ["prometheus"],
    );
    assert.match(some.notes.join(), /Grafana is not on PATH/);
  });

  test("shows the token that the metrics want", {
    ...needs("promtool"),
    timeout: 30_000,
  }, async (t) => {
    const { root, env } = await useRoot(t, ["prometheus"]);
    const secret = "a-token-of-the-metrics";
    await planObservation(
      root,
      { ...env, METRICS_TOKEN: secret },
      planProcesses({}),
    );
    const file = join(root, ".data/observe/prometheus.yml");
    assert.ok(!(await readFile(file, "utf8")).includes(secret));
    const { code, stdout } = await run("promtool", ["check", "config", file]);
    assert.equal(code, 0, stdout);
  });

  test("refuses a port that is none", async (t) => {
    const { root, env } = await useRoot(t, ["prometheus"]);
    await assert.rejects(
      planObservation(
        root,
        { ...env, PROMETHEUS_PORT: "no" },
        planProcesses({}),
      ),
      /PROMETHEUS_PORT must be a port from 1 to 65535, not "no"/,
    );
  });
});
