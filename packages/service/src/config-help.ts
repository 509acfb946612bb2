import { z } from "zod";
import { baseVariables } from "./config.js";

/** A variable of the environment, as people read of it. */
export interface VariableHelp {
  name: string;
  what: string;
  /** `default: 8010`, `required` or `optional`. */
  note: string;
}

/** Variables that are about one thing. */
export interface VariableGroup {
  title: string;
  variables: readonly VariableHelp[];
}

/**
 * Describes the variables of a schema: those of the service's own first, then
 * those of every service, group by group.
 */
export function describeConfig(schema: z.ZodObject): VariableGroup[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
  });
  const all = Object.entries(properties).map(([name, property]) => {
    const {
      description = "",
      defaultNote,
      default: ofInput,
    } = typeof property === "object" ? property : {};
    // Missing above where the text becomes something else, such as a boolean.
    const option: unknown = schema.shape[name];
    const byDefault =
      defaultNote ??
      ofInput ??
      (option instanceof z.ZodDefault ? option.def.defaultValue : undefined);
    const note =
      byDefault === undefined
        ? required.includes(name)
          ? "required"
          : "optional"
        : `default: ${byDefault === "" ? "empty" : String(byDefault)}`;
    return { name, what: description, note };
  });
  const base = new Set(Object.values(baseVariables).flat());
  return [
    {
      title: "This service",
      variables: all.filter(({ name }) => !base.has(name)),
    },
    ...Object.entries(baseVariables).map(([title, names]) => ({
      title,
      variables: all.filter(({ name }) => names.includes(name)),
    })),
  ].filter(({ variables }) => variables.length > 0);
}

/** The help text of a schema: a line for each variable, with its default. */
export function formatConfigHelp(schema: z.ZodObject): string {
  const groups = describeConfig(schema);
  const width = Math.max(
    ...groups.flatMap(({ variables }) =>
      variables.map(({ name }) => name.length),
    ),
  );
  return groups
    .map(({ title, variables }) =>
      [
        `${title}:`,
        ...variables.map(
          ({ name, what, note }) =>
            `  ${name.padEnd(width)}  ${what} [${note}]`,
        ),
      ].join("\n"),
    )
    .join("\n\n");
}
