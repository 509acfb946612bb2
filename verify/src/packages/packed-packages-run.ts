import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markdownTable } from "@both-ends/bench";
import { useDatabase } from "@both-ends/mongo/test-database";
import { freePorts, startProcess, waitFor } from "@both-ends/testing";
import { concludeSection, type LongRun } from "../long-run.js";
import { obtainNode, runOrThrow, supportedMajors } from "./node-binaries.js";
import { createPackedProject } from "./packed-project.js";
import { findPublishablePackages } from "./publishable-packages.js";

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
      for (const pkg of await findPublishablePackages()) {
        process.stderr.write(`  ${pkg.name}\n`);
        const project = join(folder, pkg.name);
        const size = await createPackedProject(pkg, project);
        for (const major of supportedMajors) {
          const node = await obtainNode(major);
          const version = (
            await runOrThrow(node, ["--version"], project)
          ).trim();
          const found = await runExample(node, project, uri).then(
            () => "runs",
            (error: unknown) => String(error),
          );
          rows.push([pkg.name, `${size}`, version, found]);
          if (found !== "runs") {
            wrong.push(`${pkg.name} on ${version}: ${found}`);
          }
        }
      }
    } finally {
      for (const end of ends.reverse()) {
        await end();
      }
    }
    const heads = ["package", "bytes packed", "Node", "README example"];
    return concludeSection(
      markdownTable(heads, rows),
      wrong,
      "each installs with what its README names, and its example runs",
    );
  },
};

/** Runs the example until it listens. */
async function runExample(node: string, project: string, databaseUri: string) {
  const ends: (() => unknown)[] = [];
  try {
    const ports = await freePorts(2);
    const [port = 0, grpcPort = 0] = ports;
    const example = await readFile(join(project, "example.js"), "utf8");
    const file = join(project, `example-${port}.js`);
    const code = example
      .replace(/\b(8080|9100)\b/, String(port))
      .replace("50051", String(grpcPort))
      .replace("mongodb://127.0.0.1:27017", databaseUri.replace(/\/$/, ""));
    await writeFile(file, code);
    const scope = { after: (end: () => unknown) => ends.push(end) };
    const child = startProcess(scope, node, [file], { cwd: project });
    await waitFor(
      "the example to listen",
      async () => {
        if (child.child.exitCode !== null) {
          throw new Error(child.stdout() + child.stderr());
        }
        return await accepts(port);
      },
      { timeoutMs: 20_000 },
    );
  } finally {
    for (const end of ends.reverse()) {
      await end();
    }
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
