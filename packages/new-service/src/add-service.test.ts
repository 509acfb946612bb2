import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { run, waitFor } from "@both-ends/testing";
import { addService } from "./add-service.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const bin = join(root, "node_modules/.bin");

suite("addService()", { timeout: 240_000 }, () => {
  test("adds a service that builds, passes its test and answers", async (t) => {
    const copy = await copyRepository(t);
    const { files } = await addService(copy, "greet-people");
    assert.ok(files.includes("services/greet-people/src/app.ts"));

    const inCopy = async (program: string, ...args: string[]) => {
      const { code, stdout, stderr } = await run(program, args, {
        cwd: copy,
        env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
        timeoutMs: 120_000,
      });
      assert.equal(code, 0, `${program} ${args.join(" ")}: ${stdout}${stderr}`);
    };
    await inCopy("buf", "lint");
    await inCopy("buf", "format", "--diff", "--exit-code");
    await inCopy("buf", "generate");
    const ignored = "--vcs-enabled=false";
    await inCopy("biome", "check", "--write", ignored, "services/greet-people");
    await inCopy("biome", "ci", ignored, ...lintedOf(files));
    await inCopy("tsc", "-b", "services/greet-people", "packages/launcher");

    const dist = join(copy, "services/greet-people/dist");
    const tested = await run(
      process.execPath,
      ["--test", join(dist, "greet-people.test.js")],
      { env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
    );
    assert.equal(tested.code, 0, tested.stdout);

    const baseUrl = await serve(t, join(dist, "main.js"));
    const answer = await fetch(
      `${baseUrl}/greetpeople.v1.GreetPeopleService/GreetPeople`,
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: "Rodrigo" }),
      },
    );
    assert.deepEqual(await answer.json(), { text: "Hello, Rodrigo!" });
    const metrics = await (await fetch(`${baseUrl}/metrics`)).text();
    assert.match(
      metrics,
      /grpc_server_handled_total\{.*grpc_method="GreetPeople",grpc_code="OK"\} 1/,
    );
  });

  test("is scraped, and run by npm start and compose", async (t) => {
    const copy = await copyRepository(t);
    await addService(copy, "greet");
    const compose = await readFile(join(copy, "docker-compose.yml"), "utf8");
    assert.match(compose, /\n {2}greet:\n {4}<<: \*process\n/);
    assert.match(compose, /\n {2}greet-worker:\n {4}<<: \*process\n/);
    assert.match(
      compose,
      /\n {2}CONSOLES: >-\n {4}greet=8013,\n {4}time=8010,/,
    );
    assert.match(
      compose,
      /\n {6}METRICS_TARGETS: >-\n {8}greet=http:\/\/greet:\d+\/metrics,\n {8}greet-worker=/,
    );
    const prometheus = await readFile(join(copy, "prometheus.yml"), "utf8");
    assert.match(prometheus, /\n {2}- job_name: greet\n/);
    assert.match(prometheus, /\n {2}- job_name: greet-worker\n/);
    const launcher = await readFile(
      join(copy, "packages/launcher/src/processes.ts"),
      "utf8",
    );
    assert.match(launcher, /\n {4}name: "greet",\n/);
  });

  test("makes what docs/add-a-service.md says", async (t) => {
    const page = await readFile(join(root, "docs/add-a-service.md"), "utf8");
    const named = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(
      ([, name]) => name,
    );
    const { files, ports } = await addService(
      await copyRepository(t),
      "greet-people",
    );
    assert.deepEqual([...named].sort(), [...files].sort());
    const called = new Set(page.match(/(?<=localhost:)\d+/g));
    assert.deepEqual([...called], [String(ports.PORT)]);
  });

  test("refuses a name that is taken, and changes nothing", async (t) => {
    const copy = await copyRepository(t);
    await assert.rejects(addService(copy, "time"), {
      name: "RangeError",
      message: "proto/time/v1/time_service.proto is there already",
    });
    const of = (folder: string) =>
      readFile(join(folder, "docker-compose.yml"), "utf8");
    assert.equal(await of(copy), await of(root));
  });
});

function lintedOf(files: readonly string[]): string[] {
  return files.filter((file) => /\.(ts|json)$/.test(file));
}

/**
 * Copies the sources into a folder with the installed packages of this one,
 * but those of the workspace its own.
 */
async function copyRepository(t: TestContext): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "new-service-"));
  t.after(() => rm(copy, { recursive: true, force: true }));
  const leftOut = new Set(["node_modules", "dist", ".git", ".data"]);
  for (const entry of await readdir(root)) {
    if (!leftOut.has(entry)) {
      await cp(join(root, entry), join(copy, entry), {
        recursive: true,
        filter: (path) => !leftOut.has(path.split("/").at(-1) ?? ""),
      });
    }
  }
  const realRoot = await realpath(root);
  const link = async (path: string) => {
    const target = await realpath(join(root, path));
    const inside = relative(realRoot, target);
    const ours = !inside.startsWith("node_modules");
    await symlink(ours ? join(copy, inside) : target, join(copy, path));
  };
  await mkdir(join(copy, "node_modules/@both-ends"), { recursive: true });
  for (const entry of await readdir(join(root, "node_modules"))) {
    if (entry !== "@both-ends") {
      await link(`node_modules/${entry}`);
    }
  }
  for (const entry of await readdir(join(root, "node_modules/@both-ends"))) {
    await link(`node_modules/@both-ends/${entry}`);
  }
  // Versions that only one of the packages has.
  for (const name of await readdir(join(root, "packages"))) {
    const own = join("packages", name, "node_modules");
    if (existsSync(join(root, own))) {
      await symlink(await realpath(join(root, own)), join(copy, own));
    }
  }
  return copy;
}

/** Runs the server on free ports, and returns its address once it answers. */
async function serve(t: TestContext, program: string): Promise<string> {
  const child = spawn(process.execPath, [program, "server"], {
    env: {
      ...process.env,
      PORT: "0",
      GRPC_PORT: "0",
      METRICS_PORT: "0",
      // Nobody is there: without a call that needs it, that does not matter.
      MONGODB_URI: "mongodb://127.0.0.1:9",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(async () => {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  const port = await waitFor("the server to listen", () => {
    return /"web":\{[^}]*"port":(\d+)/.exec(output)?.[1];
  });
  return `http://127.0.0.1:${port}`;
}
