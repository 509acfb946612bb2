import type { DescMethod } from "@bufbuild/protobuf";
import { accessTo } from "./access-table.js";
import { changes } from "./authorization-interceptor.js";
import { replaceSection } from "./page-section.js";

const command = "npm run security-table";

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
  return replaceSection(page, command, table);
}

/** The page that holds the table. */
export const securityPage = new URL(
  "../../../docs/security.md",
  import.meta.url,
);
