import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "@both-ends/testing";

/** The major versions of Node that the packages support. */
export const supportedMajors = [20, 22, 24] as const;

/**
 * The program of a version of Node: this one if it is of that version, else
 * the one of npm's package `node`, installed once into the user's cache.
 */
export async function obtainNode(major: number): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) {
    return process.execPath;
  }
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const folder = join(cache, "both-ends", `node-${major}`);
  const program = join(folder, "node_modules/.bin/node");
  if (!existsSync(program)) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "package.json"), "{}");
    await runOrThrow("npm", ["install", "--no-audit", `node@${major}`], folder);
  }
  return program;
}

/** Runs a program, and throws an Error with its output if it fails. */
export async function runOrThrow(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<string> {
  const result = await run(program, args, { cwd, timeoutMs: 180_000 });
  if (result.code !== 0) {
    throw new Error(
      `${program} ${args.join(" ")} ended with ${result.code}: ${result.stdout}${result.stderr}`,
    );
  }
  return result.stdout;
}
