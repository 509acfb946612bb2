import { join } from "node:path";
import { markdownTable } from "@both-ends/bench";
import { concludeSection, type LongRun } from "../long-run.js";
import { root } from "../packages/publishable-packages.js";
import { runTests } from "../run-tests.js";

/** Whose tests run servers with the lane. */
const folders = [
  "packages/service",
  "packages/torture",
  "services/revert-name",
  "services/time",
  "services/edge",
  "e2e",
];

/** Runs the tests of services and of the whole system with the fast lane, and without. */
export const laneOffRun: LongRun = {
  name: "lane-off",
  title: "The services' tests with the fast lane off",
  timeLimitMs: 2_400_000,
  async run() {
    const rows: string[][] = [];
    const wrong: string[] = [];
    for (const FASTLANE of ["on", "off"]) {
      const { fail, failed, pass, skipped } = await runTests(
        process.execPath,
        folders.map((folder) => join(root, folder)),
        { env: { ...process.env, FASTLANE }, timeoutMs: 1_200_000 },
      );
      rows.push([FASTLANE, String(pass), String(fail), String(skipped)]);
      if (fail > 0 || pass === 0) {
        wrong.push(`${FASTLANE}: ${pass} passed, not ${failed.join(", ")}`);
      }
    }
    return concludeSection(
      markdownTable(["FASTLANE", "passed", "failed", "skipped"], rows),
      wrong,
      "every test passes with the lane and without",
    );
  },
};
