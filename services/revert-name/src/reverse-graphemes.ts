// Making a segmenter costs a thousand times what using it does.
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

// One ASCII character is one grapheme, but for CR LF, which is one together.
const plain = /^[\x20-\x7e]*$/;

/**
 * Reverses a text by grapheme cluster (Unicode Standard Annex #29): flags,
 * emoji families and accents stay whole.
 */
export function reverseGraphemes(text: string): string {
  if (plain.test(text)) {
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
