import { InvalidArgumentError } from "commander";

const unitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * Reads a time such as `250ms`, `10s`, `1.5m` or `1h`, and plain numbers as
 * seconds, in milliseconds. Throws an InvalidArgumentError.
 */
export function parseTimeMs(text: string): number {
  const [, number, unit = "s"] =
    /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  if (number === undefined) {
    throw new InvalidArgumentError("a time is like 250ms, 10s, 1.5m or 1h");
  }
  // The pattern lets no other unit through.
  return Number(number) * unitsMs[unit as keyof typeof unitsMs];
}

/** Reads a number. Throws an InvalidArgumentError. */
export function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number)) {
    throw new InvalidArgumentError("is not a number");
  }
  return number;
}

/** Reads a share such as `0.01` or `1%`. Throws an InvalidArgumentError. */
export function parseShare(text: string): number {
  const share = text.endsWith("%")
    ? parseNumber(text.slice(0, -1)) / 100
    : parseNumber(text);
  if (share < 0 || share > 1) {
    throw new InvalidArgumentError("a share is from 0 to 1, or 0% to 100%");
  }
  return share;
}

/** Reads a list with commas. Empty entries are left out. */
export function parseList(text: string): string[] {
  return text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

/**
 * Creates the reader of a list of known words, in any case and with `-` or `_`.
 * It throws an InvalidArgumentError that names those there are.
 */
export function parseWords<T extends string>(
  known: readonly T[],
): (text: string) => T[] {
  const fold = (word: string) => word.toLowerCase().replaceAll("-", "_");
  const words = new Map(known.map((word) => [fold(word), word]));
  return (text) =>
    parseList(text).map((entry) => {
      const word = words.get(fold(entry));
      if (word === undefined) {
        throw new InvalidArgumentError(
          `${entry} is none of ${known.join(", ")}`,
        );
      }
      return word;
    });
}
