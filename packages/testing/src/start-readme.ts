import { readFile } from "node:fs/promises";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { freePorts } from "./free-ports.js";
import { type StartedProcess, startProcess } from "./start-process.js";

/** What {@link startReadme} runs. */
export interface StartReadmeOptions {
  /** How many of the examples to run, from the first, as one program. By default, 1. */
  examples?: number;
  /** What to put in the place of what, such as an import of the reader's own. */
  replace?: Readonly<Record<string, string>>;
}

/** An example that runs, and the free port it was given. */
export interface RunningReadme extends StartedProcess {
  readonly port: number;
}

/**
 * Runs examples of a package's README: its blocks of TypeScript, as they
 * stand, but for the port 8080, which becomes a free one. Killed after the
 * test.
 *
 * @param folder The package's folder.
 */
export async function startReadme(
  t: Pick<TestContext, "after">,
  folder: URL,
  options: StartReadmeOptions = {},
): Promise<RunningReadme> {
  const { examples = 1, replace = {} } = options;
  const readme = await readFile(new URL("README.md", folder), "utf8");
  const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)]
    .slice(0, examples)
    .map(([, code = ""]) => code);
  if (blocks.length < examples || !blocks.join("").includes("8080")) {
    throw new Error(
      `${folder.pathname}README.md has no ${examples} examples with port 8080`,
    );
  }
  const [port = 0] = await freePorts(1);
  const wanted = { 8080: String(port), ...replace };
  const input = Object.entries(wanted).reduce(
    (code, [from, to]) => code.replaceAll(from, to),
    blocks.join("\n"),
  );
  const program = startProcess(t, process.execPath, ["--input-type=module"], {
    cwd: fileURLToPath(folder),
    input,
  });
  return { ...program, port };
}
