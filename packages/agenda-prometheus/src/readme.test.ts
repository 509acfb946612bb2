import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { needs, run, waitFor } from "@both-ends/testing";
import { useAgendaDatabase } from "./agenda-fixture.test.js";

const success =
  'agenda_job_runs_total{job_name="send-report",outcome="success"} 1';
const directory = fileURLToPath(new URL("..", import.meta.url));

suite("README.md", { timeout: 60_000 }, () => {
  test("shows an example that works with the package in an empty project", {
    ...needsDatabase(),
  }, async (t) => {
    const project = await createProject(t);
    const database = await useAgendaDatabase(t);
    const port = await freePort();
    const readme = await readFile(join(directory, "README.md"), "utf8");
    const [, code] = /```ts\n(.*?)```/s.exec(readme) ?? [];
    assert.ok(code);
    const program = spawn(process.execPath, ["--input-type=module"], {
      cwd: project,
      stdio: ["pipe", "inherit", "inherit"],
    });
    t.after(() => program.kill("SIGKILL"));
    program.stdin.end(
      code
        .replace("mongodb://127.0.0.1:27017", database.uri)
        .replace("9100", String(port)),
    );
    const text = await waitFor(
      "the first run",
      async () => {
        const answer = await fetch(`http://127.0.0.1:${port}`);
        const metrics = await answer.text();
        return metrics.includes(success) && metrics;
      },
      { timeoutMs: 30_000 },
    );
    const metrics = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, m]) => m);
    const listed = [...readme.matchAll(/^\| `(agenda_\w+)/gm)].map(
      ([, m]) => m,
    );
    assert.deepEqual(listed.sort(), metrics.sort());
  });

  test("lists the options that there are", async () => {
    const readme = await readFile(join(directory, "README.md"), "utf8");
    const options = await readFile(join(directory, "src/options.ts"), "utf8");
    const [, fields = ""] =
      /interface AgendaMetricsOptions \{(.*?)^\}/ms.exec(options) ?? [];
    for (const [, name] of fields.matchAll(/^ {2}(\w+)\??:/gm)) {
      assert.ok(readme.includes(`\`${name}\``), name);
    }
  });

  test(
    "has queries that Prometheus understands",
    needs("promtool"),
    async (t) => {
      const readme = await readFile(join(directory, "README.md"), "utf8");
      const [, queries = ""] = /```promql\n(.*?)```/s.exec(readme) ?? [];
      const rules = queries
        .replace(/^#.*$/gm, "")
        .replace(/\n +/g, " ")
        .split("\n")
        .filter((query) => query !== "")
        .map((expr, i) => ({ record: `query:${i}`, expr }));
      assert.ok(rules.length > 5);
      const folder = await useFolder(t);
      const file = join(folder, "rules.yml");

      await writeFile(
        file,
        JSON.stringify({ groups: [{ name: "readme", rules }] }),
      );
      const { code, stderr } = await run("promtool", ["check", "rules", file]);
      assert.equal(code, 0, stderr);
    },
  );
});

/** A project that has installed the packed package and what it needs. */
async function createProject(t: TestContext): Promise<string> {
  const project = await useFolder(t);
  const packed = await run(
    "npm",
    ["pack", "--json", "--pack-destination", project],
    { cwd: directory },
  );
  assert.equal(packed.code, 0, packed.stderr);
  const [, filename = ""] = /"filename": "([^"]+)"/.exec(packed.stdout) ?? [];
  const modules = join(project, "node_modules");
  const installed = join(modules, "agenda-prometheus");
  await mkdir(installed, { recursive: true });
  await run("tar", [
    "-xzf",
    join(project, filename),
    "-C",
    installed,
    "--strip-components=1",
  ]);
  for (const name of ["agenda", "prom-client", "@agendajs/mongo-backend"]) {
    const target = join(directory, "../../node_modules", name);
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(target, join(modules, name));
  }
  return project;
}

async function useFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "agenda-prometheus-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  server.close();
  await once(server, "close");
  return address.port;
}
