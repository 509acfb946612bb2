const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Reverses a text by grapheme cluster, as the service does. */
export function reverseGraphemes(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) {
    let reversed = "";
    for (let i = text.length - 1; i >= 0; i--) {
      reversed += text[i];
    }
    return reversed;
  }
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
    .reverse()
    .join("");
}
