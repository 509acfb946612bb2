import { markdownTable } from "@both-ends/bench";
import { concludeSection, type LongRun } from "../long-run.js";
import { runTests } from "../run-tests.js";
import { obtainNode, runOrThrow, supportedMajors } from "./node-binaries.js";
import { findPublishablePackages, root } from "./publishable-packages.js";

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
        const counts = await runTests(node, [folder]);
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
