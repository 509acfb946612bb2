/** Why cases fail, and which. */
export interface KnownFailure {
  cause: string;
  patterns: string[];
}

/**
 * Reads a list of known failures: blocks with blank lines between them, each
 * the cause as a comment and then the patterns. Throws for a pattern without a
 * cause.
 */
export function parseKnownFailing(text: string): KnownFailure[] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    const lines = block.split("\n").map((line) => line.trim());
    const comments = lines.filter((line) => line.startsWith("#"));
    const patterns = lines.filter((line) => line !== "" && line[0] !== "#");
    const [first] = patterns;
    if (first === undefined) {
      return [];
    }
    if (comments.length === 0) {
      throw new Error(`no cause is given for the known failure ${first}`);
    }
    const cause = comments.map((line) => line.slice(1).trim()).join(" ");
    return [{ cause, patterns }];
  });
}
