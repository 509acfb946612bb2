import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { markdownTable } from "@both-ends/bench";
import { run } from "@both-ends/testing";
import { concludeSection, type LongRun } from "../long-run.js";
import { obtainNode, runOrThrow, supportedMajors } from "./node-binaries.js";
import {
  findPublishablePackages,
  type PublishablePackage,
  root,
} from "./publishable-packages.js";

/** Runs the tests of every publishable package on every supported Node. */
export const nodeVersionsRun: LongRun = {
  name: "node-versions",
  title: "Packages on Node 20, 22 and 24",
  timeLimitMs: 1_800_000,
  async run() {
    const rows: string[][] = [];
    const wrong: string[] = [];
    for (const major of supportedMajors) {
      const node = await obtainNode(major);
      const version = (await runOrThrow(node, ["--version"], root)).trim();
      for (const { name, folder } of await findPublishablePackages()) {
        const counts = await runTests(node, { name, folder });
        const { fail, pass, skipped, failed } = counts;
        rows.push([version, name, String(pass), String(fail), String(skipped)]);
        if (fail > 0 || pass === 0) {
          wrong.push(
            `${name} on ${version}: ${pass} passed, not ${failed.join(", ")}`,
          );
        }
      }
    }
    const heads = ["Node", "package", "passed", "failed", "skipped"];
    return concludeSection(
      markdownTable(heads, rows),
      wrong,
      "every test of every package passes on each",
    );
  },
};

async function runTests(node: string, { name, folder }: PublishablePackage) {
  const dist = join(folder, "dist");
  const tests = (await readdir(dist, { recursive: true }))
    .filter((file) => file.endsWith(".test.js"))
    .map((file) => join(dist, file));
  process.stderr.write(`  ${name}: ${tests.length} files\n`);
  const { stdout } = await run(
    node,
    ["--test", "--test-reporter=tap", "--test-timeout=300000", ...tests],
    { cwd: root, timeoutMs: 600_000 },
  );
  const count = (what: string) =>
    Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(stdout)?.[1] ?? 0);
  return {
    failed: [...stdout.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(
      ([, title = ""]) => title,
    ),
    pass: count("pass"),
    fail: count("fail") + count("cancelled"),
    skipped: count("skipped"),
  };
}
