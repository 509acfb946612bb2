const maxLines = 100;
const maxLineLength = 300;
const maxTextLength = 500;

/** The log of one run, bounded: the newest 100 lines of 300 characters. */
export interface RunLog {
  add(line: string): void;
  /** The lines kept, and how many older ones were left out. */
  content(): { log: string[]; log_dropped: number };
  /** Whether lines were added since `content()` was last called. */
  changed(): boolean;
}

/** Makes an empty log. */
export function createRunLog(): RunLog {
  const lines: string[] = [];
  let dropped = 0;
  let changed = false;
  return {
    add(line) {
      changed = true;
      lines.push(shorten(line, maxLineLength));
      if (lines.length > maxLines) {
        lines.shift();
        dropped += 1;
      }
    },
    content() {
      changed = false;
      return { log: [...lines], log_dropped: dropped };
    },
    changed: () => changed,
  };
}

/** Bounds a result for the history: 500 characters. */
export function shortenText(text: string): string {
  return shorten(text, maxTextLength);
}

/** What the history tells of an error: its message, without a stack in it. */
export function failureText(error: Error): string {
  const [message = ""] = error.message.split(/\n\s+at /);
  return shortenText(message || error.name);
}

function shorten(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}
