import { describeConfig } from "./config-help.js";
import type { ServiceDefinition } from "./service-definition.js";

/**
 * The tables of the configuration page, in Markdown: the variables that all
 * services take, group by group, then those of single services. A default that
 * is not the same everywhere is given service by service.
 */
export function formatConfigTables(
  services: readonly Pick<ServiceDefinition, "name" | "config">[],
): string {
  const rows = new Map<string, Map<string, Row>>();
  for (const { name: service, config } of services) {
    for (const { title, variables } of describeConfig(config)) {
      const heading = title === "This service" ? `\`${service}\` alone` : title;
      const group = rows.get(heading) ?? new Map<string, Row>();
      rows.set(heading, group);
      for (const { name, what, note } of variables) {
        const row = group.get(name) ?? { what, notes: [] };
        row.notes.push({ service, note: note.replace(/^default: /, "") });
        group.set(name, row);
      }
    }
  }
  // What all have in common comes first.
  const alone = (heading: string) => Number(heading.endsWith(" alone"));
  return [...rows]
    .sort(([a], [b]) => alone(a) - alone(b))
    .map(([heading, group]) => formatTable(heading, group))
    .join("\n\n");
}

interface Row {
  what: string;
  notes: { service: string; note: string }[];
}

function formatTable(heading: string, group: Map<string, Row>): string {
  return [
    `### ${heading}`,
    "",
    "| variable | default | what |",
    "| --- | --- | --- |",
    ...[...group].map(
      ([name, { what, notes }]) =>
        `| \`${name}\` | ${formatNotes(notes)} | ${what.replaceAll("|", "\\|")} |`,
    ),
  ].join("\n");
}

function formatNotes(notes: Row["notes"]): string {
  const [first] = notes;
  return first !== undefined && notes.every(({ note }) => note === first.note)
    ? first.note
    : notes.map(({ service, note }) => `${note} (${service})`).join(", ");
}
