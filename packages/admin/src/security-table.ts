import type { DescMethod } from "@bufbuild/protobuf";
import { accessTo } from "./access-table.js";
import { changes } from "./authorization-interceptor.js";

const begin = "<!-- begin: written by npm run security-table -->";
const end = "<!-- end -->";

/** A table in Markdown: each method, whether it changes something, and who may call it. */
export function renderSecurityTable(methods: readonly DescMethod[]): string {
  const rows = methods.map((method) => {
    const access = accessTo(method);
    return `| \`${method.parent.name}/${method.name}\` | ${
      changes(method) ? "yes" : ""
    } | ${access ?? "nobody"} |`;
  });
  return [
    "| method | changes something | who may call it |",
    "| --- | --- | --- |",
    ...rows,
  ].join("\n");
}

/** Puts the table in its place in a page. Throws if the page has none. */
export function replaceSecurityTable(page: string, table: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) {
    throw new Error(`the page has no place for the table: ${begin} … ${end}`);
  }
  return `${page.slice(0, from)}${begin}\n\n${table}\n\n${page.slice(to)}`;
}

/** The page that holds the table. */
export const securityPage = new URL(
  "../../../docs/security.md",
  import.meta.url,
);
