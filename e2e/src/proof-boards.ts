import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Board,
  type BoardVariable,
  readBoard,
} from "@both-ends/dashboards";
import type { ProofPrometheus } from "./proof-prometheus.js";
import { root } from "./use-system.js";

/** The window that takes the place of `$__rate_interval`, in seconds. */
const rateSeconds = 10;

/** Values of a board's variables, of which one may be other than all. */
export interface Choice {
  /** The variable; empty where all are at "All". */
  readonly name: string;
  readonly value: string;
}

/** Reads the dashboards as Grafana would provision them. */
export async function readBoards(): Promise<Board[]> {
  const folder = join(root, "grafana/provisioning/dashboards");
  const names = await readdir(folder);
  return await Promise.all(
    names
      .filter((name) => name.endsWith(".json"))
      .sort()
      .map(async (name) =>
        readBoard(JSON.parse(await readFile(join(folder, name), "utf8"))),
      ),
  );
}

/** Fills variables in as Grafana does: all as `.+`, a value as itself. */
export function fillIn(
  board: Board,
  text: string,
  choice: Choice,
  rangeSeconds: number,
): string {
  const values = new Map<string, string>([
    ["__rate_interval", `${rateSeconds}s`],
    ["__range", `${rangeSeconds}s`],
  ]);
  for (const { name, allValue } of board.variables) {
    values.set(
      name,
      name === choice.name ? escapeValue(choice.value) : allValue,
    );
  }
  return text.replace(/\$(\w+)/g, (_, name: string) => {
    const value = values.get(name);
    if (value === undefined) {
      throw new Error(`no variable ${name} on ${board.title}: ${text}`);
    }
    return value;
  });
}

/** As a regular expression within a PromQL string. */
function escapeValue(value: string): string {
  return value.replace(/[.+*?()[\]{}|^$]/g, "\\\\$&");
}

/** Everything a board's variables can be set to: all, then one value at a time. */
export async function listChoices(
  board: Board,
  prometheus: ProofPrometheus,
): Promise<Choice[]> {
  const all: Choice = { name: "", value: "" };
  const choices = [all];
  for (const variable of board.variables) {
    if (variable.type === "query") {
      for (const value of await listValues(board, variable, prometheus)) {
        choices.push({ name: variable.name, value });
      }
    }
  }
  return choices;
}

async function listValues(
  board: Board,
  { name, query }: BoardVariable,
  prometheus: ProofPrometheus,
): Promise<string[]> {
  const match = /^label_values\((.+), (\w+)\)$/s.exec(query);
  if (match === null) {
    throw new Error(`${board.title}: the variable ${name} asks ${query}`);
  }
  const [, series = "", label = ""] = match;
  const filled = fillIn(board, series, { name: "", value: "" }, 0);
  return await prometheus.labelValues(label, filled);
}

/** The selectors of a query: a metric, and the matchers of its labels. */
export function listSelectors(expr: string): string[] {
  // Words before a brace are metrics: `by (…)` and functions have parentheses.
  const braced = [...expr.matchAll(/[a-zA-Z_:][\w:]*\{[^}]*\}/g)];
  // Rules also name metrics without matchers.
  const bare = [
    ...expr.matchAll(/(?<![\w:"])[a-z]+(?:_[a-z]+)*:[\w:]+(?![\w:{])/g),
  ];
  return [...new Set([...braced, ...bare].map(([selector]) => selector))];
}
