const unitNames: Readonly<Record<string, string>> = {
  s: "second",
  m: "minute",
  h: "hour",
  d: "day",
  w: "week",
};

/**
 * Spells out an interval that is typed as these pages show intervals: `5 s` is
 * `5 seconds`, `1h30m` is `1 hour 30 minutes`. What it does not know stays.
 */
export function spellInterval(typed: string): string {
  return typed
    .replace(
      /(\d+(?:\.\d+)?)\s*(s|secs?|m|mins?|h|hrs?|d|w)(?![a-z])/gi,
      (_, count: string, unit: string) => {
        const name = unitNames[unit.charAt(0).toLowerCase()];
        return `${count} ${name}${count === "1" ? "" : "s"} `;
      },
    )
    .trimEnd()
    .replace(/ {2,}/g, " ");
}
