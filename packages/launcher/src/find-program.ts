import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** Finds a program on PATH, or nothing. */
export function findProgram(
  name: string,
  env: NodeJS.ProcessEnv,
): string | undefined {
  return (env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find((path) => isReachable(path, constants.X_OK));
}

/**
 * Finds the folder of Grafana's own files, without which it does not start:
 * `GRAFANA_HOME`, above the program, or where packages put it.
 */
export function findGrafanaHome(
  program: string,
  env: NodeJS.ProcessEnv,
): string | undefined {
  return [
    ...(env.GRAFANA_HOME ? [env.GRAFANA_HOME] : []),
    dirname(dirname(realpathSync(program))),
    "/usr/share/grafana",
    "/opt/homebrew/share/grafana",
    "/usr/local/share/grafana",
  ].find((folder) =>
    isReachable(join(folder, "conf", "defaults.ini"), constants.R_OK),
  );
}

function isReachable(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
