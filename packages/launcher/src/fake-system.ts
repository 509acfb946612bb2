import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { waitFor } from "@both-ends/testing";
import type { LaunchOptions } from "./launch.js";
import {
  database,
  overrideVariable,
  portNames,
  serviceProgram,
  services,
} from "./processes.js";

/** How a fake program differs from one that simply works. */
export type Behaviour =
  | "dies"
  | "refuses"
  | "stubborn"
  | "degraded"
  | "never ready";

/** How {@link launchFakes} launches. */
export interface LaunchFakesOptions extends Partial<LaunchOptions> {
  /** By process. By default, all work. */
  behaviours?: Readonly<Record<string, Behaviour>>;
  env?: NodeJS.ProcessEnv;
  /** Put before the launcher's command in a shell. By default, `exec`. */
  shellPrefix?: string;
}

/** A launcher of fake programs that has been started as a process. */
export interface LaunchedFakes {
  readonly launcher: ChildProcess;
  /** Its environment, with every port override. */
  readonly env: Readonly<Record<string, string>>;
  stdout(): string;
  stderr(): string;
  /** What the fake programs have noted so far: `start edge 1234`, … */
  events(): Promise<FakeEvent[]>;
  /** Waits until standard error holds the text. */
  says(text: string): Promise<void>;
  /** Sends SIGINT to all that a Ctrl-C of its terminal would reach. */
  pressCtrlC(): void;
  /** Waits for the launcher's exit code. */
  exited(): Promise<number | null>;
}

/** Something that a fake program has lived through. */
export interface FakeEvent {
  readonly what: "start" | "term" | "int";
  readonly process: string;
  readonly pid: number;
}

const prelude = `
const fs = require("node:fs");
const http = require("node:http");
const behaviour = JSON.parse(process.env.FAKE_BEHAVIOURS)[name];
const note = (what) =>
  fs.appendFileSync(process.env.FAKE_EVENTS, [what, name, process.pid].join(" ") + "\\n");
note("start");
if (process.argv.includes("--exit-with-stdin")) {
  process.stdin.resume().on("end", () => { if (behaviour !== "stubborn") process.exit(0); });
}
// Even a broken launcher leaves it behind for no longer than this.
setTimeout(() => process.exit(1), 60_000);
process.on("SIGINT", () => note("int"));
process.on("SIGTERM", () => { note("term"); if (behaviour !== "stubborn") process.exit(0); });
if (behaviour === "dies") { console.log("cannot go on"); process.exit(3); }
if (behaviour === "refuses") { console.error("PORT: is wrong"); process.exit(2); }
`;

const fakeService = (folder: string) => `
const role = process.argv[2];
const name = "${folder}" + (role === "worker" ? "-worker" : "");
${prelude}
const port = role === "worker" ? process.env.WORKER_METRICS_PORT : process.env.METRICS_PORT;
http.createServer((request, response) => {
  if (request.url === "/die") process.exit(1);
  const ready = behaviour === "degraded"
    ? { status: "degraded", reasons: ["no database"] }
    : { status: behaviour === "never ready" ? "starting" : "ready" };
  response.writeHead(ready.status === "starting" ? 503 : 200, { connection: "close" });
  response.end(JSON.stringify(ready));
}).listen(port, "127.0.0.1");
console.log(JSON.stringify({ level: 30, time: Date.now(), msg: name + " listens" }));
`;

const fakeDatabase = `
const name = "database";
${prelude}
console.log("building the embedded database");
http.createServer().listen(process.env.DB_PORT, "127.0.0.1", () =>
  console.log("MONGODB_URI=mongodb://127.0.0.1:" + process.env.DB_PORT));
`;

/**
 * Launches small programs in the place of the real ones, in a temporary
 * folder and on free ports. Everything ends with the test.
 */
export async function launchFakes(
  t: TestContext,
  options: LaunchFakesOptions = {},
): Promise<LaunchedFakes> {
  const { behaviours = {}, env = {}, shellPrefix = "exec" } = options;
  const root = await mkdtemp(join(tmpdir(), "launcher-test-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  await writeProgram(root, database.program, fakeDatabase);
  for (const { name } of services) {
    await writeProgram(root, serviceProgram(name), fakeService(name));
  }
  const eventsFile = join(root, "events");
  await writeFile(eventsFile, "");
  const runner = join(root, "run.mjs");
  await writeFile(runner, runnerSource(root, options));
  const ports = await freePortOverrides();
  const all = {
    ...ports,
    FAKE_EVENTS: eventsFile,
    FAKE_BEHAVIOURS: JSON.stringify(behaviours),
    npm_lifecycle_event: "",
    MONGODB_URI: "",
    NO_COLOR: "1",
    FORCE_COLOR: "0",
    ...env,
  };
  const command = `${shellPrefix} "${process.execPath}" "${runner}"`;
  const launcher = spawn("sh", ["-c", command], {
    env: { ...process.env, ...all },
    stdio: ["ignore", "pipe", "pipe"],
    // Its process group is what a terminal would send a Ctrl-C to.
    detached: true,
  });
  t.after(() => signalGroup(launcher, "SIGKILL"));
  return watch(launcher, all, eventsFile);
}

/** Whether a process with this id lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // One that has ended but was not yet looked after by its parent is no more.
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)]);
  return !String(stdout).startsWith("Z");
}

/** Waits until none of these processes exists any more. */
export async function allGone(events: readonly FakeEvent[]): Promise<void> {
  await waitFor("all processes to be gone", () =>
    events.every(({ pid }) => !isAlive(pid)),
  );
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) {
      process.kill(-pid, signal);
    }
  } catch {
    // Nothing of the group is left.
  }
}

function watch(
  launcher: ChildProcess,
  env: Record<string, string | undefined>,
  eventsFile: string,
): LaunchedFakes {
  const written = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    launcher[stream]?.setEncoding("utf8").on("data", (text: string) => {
      written[stream] += text;
    });
  }
  let code: number | null | undefined;
  launcher.once("close", (exitCode) => {
    code = exitCode;
  });
  return {
    launcher,
    env: Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, value ?? ""]),
    ),
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    events: async () => parseEvents(await readFile(eventsFile, "utf8")),
    says: async (text) => {
      await waitFor(`"${text}" in ${written.stderr}`, () =>
        written.stderr.includes(text),
      );
    },
    pressCtrlC: () => signalGroup(launcher, "SIGINT"),
    exited: async () => {
      await waitFor("the launcher to end", () => code !== undefined);
      return code ?? null;
    },
  };
}

function parseEvents(text: string): FakeEvent[] {
  return [...text.matchAll(/^(start|term|int) (\S+) (\d+)$/gm)].map(
    ([, what, process, pid]) => ({
      // The expression admits these three only.
      what: what as FakeEvent["what"],
      process: process ?? "",
      pid: Number(pid),
    }),
  );
}

function runnerSource(root: string, options: LaunchFakesOptions): string {
  const { behaviours, env, shellPrefix, ...rest } = options;
  const launcher = new URL("./launch.js", import.meta.url).href;
  return `import { launch } from ${JSON.stringify(launcher)};
process.exit(await launch(${JSON.stringify({ root, ...rest })}));
`;
}

async function writeProgram(root: string, path: string, source: string) {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, source);
}

async function freePortOverrides(): Promise<Record<string, string>> {
  const variables = [
    "DB_PORT",
    ...services.flatMap(({ name }) =>
      portNames.map((port) => overrideVariable(name, port)),
    ),
  ];
  const ports = await findFreePorts(variables.length);
  return Object.fromEntries(
    variables.map((variable, index) => [variable, String(ports[index])]),
  );
}

/** Finds so many different ports on which nothing listens. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => {
        server.listen(0, "127.0.0.1", resolve);
      });
      return server;
    }),
  );
  return await Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      await new Promise((resolve) => server.close(resolve));
      return typeof address === "object" && address ? address.port : 0;
    }),
  );
}
