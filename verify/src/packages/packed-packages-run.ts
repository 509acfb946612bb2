import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markdownTable } from "@both-ends/bench";
import { useDatabase } from "@both-ends/mongo/test-database";
import { freePorts, run, startProcess, waitFor } from "@both-ends/testing";
import { concludeSection, type LongRun } from "../long-run.js";
import { obtainNode, runOrThrow, supportedMajors } from "./node-binaries.js";
import {
  createPackedProject,
  type PackedPackage,
  packPackage,
} from "./packed-project.js";
import { findPublishablePackages } from "./publishable-packages.js";
import { type ReadmeCheck, readmeChecks } from "./readme-checks.js";

/** Uses every publishable package as its users do. */
export const packedPackagesRun: LongRun = {
  name: "packages",
  title: "Packed packages in an empty project",
  timeLimitMs: 900_000,
  async run() {
    const ends: (() => unknown)[] = [];
    const scope = { after: (end: () => unknown) => ends.push(end) };
    const folder = await mkdtemp(join(tmpdir(), "packed-"));
    ends.push(() => rm(folder, { recursive: true, force: true }));
    const rows: string[][] = [];
    const wrong: string[] = [];
    try {
      const { uri } = await useDatabase(scope);
      const nodes = await Promise.all(supportedMajors.map(obtainNode));
      for (const pkg of await findPublishablePackages()) {
        process.stderr.write(`  ${pkg.name}\n`);
        const packed = await packPackage(pkg, folder);
        const tried = await tryOut(packed, folder, nodes, uri);
        wrong.push(...tried.wrong);
        rows.push([pkg.name, String(packed.sizeBytes), ...tried.cells]);
      }
    } finally {
      for (const end of ends.reverse()) {
        await end();
      }
    }
    const versions = supportedMajors.map((major) => `Node ${major}`);
    const heads = ["package", "bytes packed", ...versions, "oldest peers"];
    return concludeSection(
      `Each is packed, installed with what its README names into a project of its own, and the README's example is
started and called: with the newest versions of its peers on each Node, and with the oldest it allows on Node ${supportedMajors[0]}.

${markdownTable(heads, rows)}`,
      wrong,
      "each installs with what its README names, and its example answers",
    );
  },
};

/** Runs the example on each Node, and with the oldest peers on the first. */
async function tryOut(
  packed: PackedPackage,
  folder: string,
  nodes: readonly string[],
  databaseUri: string,
) {
  const check = readmeChecks[packed.name];
  if (check === undefined) {
    return { cells: [], wrong: [`no check for the README of ${packed.name}`] };
  }
  const program = packed.examples.slice(0, check.examples).join("\n");
  const cells: string[] = [];
  const wrong: string[] = [];
  for (const age of ["newest", "oldest"] as const) {
    const project = join(folder, `${packed.name}-${age}`);
    await createPackedProject(packed, program, project, age);
    for (const node of age === "newest" ? nodes : nodes.slice(0, 1)) {
      const version = (await runOrThrow(node, ["--version"], project)).trim();
      const peers = Object.entries(packed.oldestPeers)
        .map(([name, oldest]) => `${name.replace(/.*\//, "")} ${oldest}`)
        .join(", ");
      const where = age === "newest" ? version : peers;
      try {
        await runExample(check, program, node, project, databaseUri);
        cells.push(`${where}: answers`);
      } catch (error) {
        cells.push(`${where}: FAILS`);
        wrong.push(`${packed.name} with ${where}: ${String(error)}`);
      }
    }
  }
  return { cells, wrong };
}

/** Runs the example until it answers as it should. */
async function runExample(
  check: ReadmeCheck,
  program: string,
  node: string,
  project: string,
  databaseUri: string,
) {
  const ends: (() => unknown)[] = [];
  try {
    const [port = 0, grpcPort = 0] = await freePorts(2);
    const file = join(project, `example-${port}.js`);
    const code = program
      .replaceAll(/\b(8080|9100)\b/g, String(port))
      .replace("50051", String(grpcPort))
      .replace("mongodb://127.0.0.1:27017", databaseUri.replace(/\/$/, ""))
      .replace("./gen/revert_name", "./gen/revertname/v1/revert_name");
    await writeFile(file, code);
    const scope = { after: (end: () => unknown) => ends.push(end) };
    const example = startProcess(scope, node, [file], { cwd: project });
    const ended = example.ended.then(() => {
      throw new Error(`it ended: ${example.stdout()}${example.stderr()}`);
    });
    const answered = waitFor(
      "the example to answer",
      async () => {
        const [asked, ...args] = check.ask(port);
        const { stdout } = await run(asked, args, { timeoutMs: 10_000 });
        return check.expected.test(stdout);
      },
      { timeoutMs: 30_000, intervalMs: 100 },
    );
    await Promise.race([answered, ended]);
  } finally {
    for (const end of ends.reverse()) {
      await end();
    }
  }
}
