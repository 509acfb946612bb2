import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "@both-ends/testing";
import { root } from "./packages/publishable-packages.js";

/** How the tests of some folders came out. */
export interface TestCounts {
  readonly pass: number;
  readonly fail: number;
  readonly skipped: number;
  /** The titles of those that failed. */
  readonly failed: readonly string[];
}

/**
 * Runs the tests of workspace folders, in their compiled form, with a program
 * of Node, and writes down on stderr why one fails. Throws if they take more
 * than the time.
 */
export async function runTests(
  node: string,
  folders: readonly string[],
  options: { env?: NodeJS.ProcessEnv; timeoutMs?: number } = {},
): Promise<TestCounts> {
  const { env, timeoutMs = 600_000 } = options;
  const tests: string[] = [];
  for (const folder of folders) {
    const dist = join(folder, "dist");
    for (const file of await readdir(dist, { recursive: true })) {
      if (file.endsWith(".test.js")) {
        tests.push(join(dist, file));
      }
    }
  }
  process.stderr.write(`  ${tests.length} files of ${folders.join(", ")}\n`);
  const { stdout } = await run(
    node,
    ["--test", "--test-reporter=tap", "--test-timeout=300000", ...tests],
    { cwd: root, timeoutMs, ...(env && { env }) },
  );
  const reports = stdout.matchAll(
    /^ *not ok \d+ - (?![^\n]*# SKIP).*?\n *\.\.\.$/gms,
  );
  for (const [report] of reports) {
    process.stderr.write(`${report}\n`);
  }
  const count = (what: string) =>
    Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(stdout)?.[1] ?? 0);
  return {
    failed: [...stdout.matchAll(/^ *not ok \d+ - (?!.*# SKIP)(.*)$/gm)].map(
      // A file that fails as a whole is named by its path.
      ([, title = ""]) => title.replace(root, ""),
    ),
    pass: count("pass"),
    fail: count("fail") + count("cancelled"),
    skipped: count("skipped"),
  };
}
