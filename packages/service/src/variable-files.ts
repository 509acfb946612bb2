import { readFileSync } from "node:fs";

/** Variables, and what was wrong with the files that should hold some. */
export interface FileVariables {
  env: NodeJS.ProcessEnv;
  mistakes: string[];
}

/**
 * Reads variables from files, as containers get their secrets: where `NAME` is
 * not set, `NAME_FILE` is the path of a file that holds it. Blanks at the end
 * of the file, such as an editor's line break, are no part of the value.
 */
export function readVariableFiles(
  names: readonly string[],
  env: NodeJS.ProcessEnv,
): FileVariables {
  const mistakes: string[] = [];
  const read: NodeJS.ProcessEnv = { ...env };
  for (const name of names) {
    const path = env[`${name}_FILE`];
    // A variable may itself be named for a file, such as TLS_KEY_FILE.
    if (env[name] || !path || names.includes(`${name}_FILE`)) {
      continue;
    }
    try {
      read[name] = readFileSync(path, "utf8").trimEnd();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      mistakes.push(`${name}_FILE: ${reason}`);
    }
  }
  return { env: read, mistakes };
}
