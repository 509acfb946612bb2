const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** What each name is in reverse: names are few, and segmenting is dear. */
const known = new Map<string, string>();
const maxKnown = 10_000;

/** Tells what is wrong with an answer to a name; undefined if nothing is. */
export function checkReversed(name: string, reversed: string) {
  let right = known.get(name);
  if (right === undefined) {
    right = Array.from(segmenter.segment(name), ({ segment }) => segment)
      .reverse()
      .join("");
    if (known.size < maxKnown) {
      known.set(name, right);
    }
  }
  return reversed === right
    ? undefined
    : `answered ${JSON.stringify(reversed)} to ${JSON.stringify(name)}`;
}
