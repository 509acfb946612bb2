/** Takes a program's output in pieces and gives it out in lines. */
export interface LineSplitter {
  push(chunk: Buffer): void;
  /** Gives out what has come since the last line end, if anything. */
  end(): void;
}

/** Bounds of {@link createLineSplitter}. */
export interface LineSplitterOptions {
  /** Longer lines are cut there, and say so. By default, 64 KiB. */
  maxLineBytes?: number;
}

/**
 * Creates a splitter of UTF-8 output into lines, without their line ends.
 * It never holds more than one line of the greatest length.
 */
export function createLineSplitter(
  onLine: (line: string) => void,
  options: LineSplitterOptions = {},
): LineSplitter {
  const { maxLineBytes = 65_536 } = options;
  let pieces: Buffer[] = [];
  let heldBytes = 0;
  let cutBytes = 0;

  const add = (piece: Buffer) => {
    const kept = piece.subarray(0, maxLineBytes - heldBytes);
    if (kept.length > 0) {
      pieces.push(kept);
      heldBytes += kept.length;
    }
    cutBytes += piece.length - kept.length;
  };
  const give = () => {
    const text = Buffer.concat(pieces).toString().replace(/\r$/, "");
    const line = cutBytes > 0 ? `${text}… (${cutBytes} bytes cut)` : text;
    pieces = [];
    heldBytes = 0;
    cutBytes = 0;
    onLine(line);
  };

  return {
    push(chunk) {
      let start = 0;
      let end = chunk.indexOf(10);
      while (end !== -1) {
        add(chunk.subarray(start, end));
        give();
        start = end + 1;
        end = chunk.indexOf(10, start);
      }
      add(chunk.subarray(start));
    },
    end() {
      if (heldBytes > 0) {
        give();
      }
    },
  };
}
