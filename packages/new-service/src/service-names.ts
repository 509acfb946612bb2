/** One name in the spellings that the parts of a service need. */
export interface ServiceNames {
  /** The folder, the container, the job of Prometheus: `greet-people`. */
  readonly kebab: string;
  /** Messages and the RPC: `GreetPeople`. */
  readonly pascal: string;
  /** Functions: `greetPeople`. */
  readonly camel: string;
  /** The file of the schema: `greet_people`. */
  readonly snake: string;
  /** Variables of the environment: `GREET_PEOPLE`. */
  readonly upper: string;
  /** The package of the schema, without its version: `greetpeople`. */
  readonly flat: string;
}

/**
 * Spells the name of a service. Throws a RangeError for a name that is not
 * lower-case words with hyphens between them.
 */
export function spellNames(kebab: string): ServiceNames {
  if (!/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/.test(kebab) || kebab.length > 40) {
    throw new RangeError(
      `a service is named by lower-case words with hyphens between them, 40 characters at most, not ${JSON.stringify(kebab)}`,
    );
  }
  const words = kebab.split("-");
  const pascal = words
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
  return {
    kebab,
    pascal,
    camel: pascal.slice(0, 1).toLowerCase() + pascal.slice(1),
    snake: words.join("_"),
    upper: words.join("_").toUpperCase(),
    flat: words.join(""),
  };
}
