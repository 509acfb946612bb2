import type { LogFormatter, OutputLine } from "./logs.js";

/** Writes the processes' lines, from the moment it is opened. */
export interface LogOutput {
  /** Writes a line, or holds it back until {@link LogOutput.open}. */
  write(line: OutputLine): void;
  /** Writes what was held back, and from now on each line as it comes. */
  open(): void;
}

/** Bounds of {@link createLogOutput}. */
export interface LogOutputOptions {
  /** Of more lines than these the oldest are left out. By default, 1,000. */
  maxHeldLines?: number;
}

/**
 * Creates an output that holds lines back until it is opened, so that what the
 * launcher says during a start is not lost among them.
 */
export function createLogOutput(
  stream: NodeJS.WritableStream,
  format: LogFormatter,
  options: LogOutputOptions = {},
): LogOutput {
  const { maxHeldLines = 1000 } = options;
  let held: OutputLine[] | undefined = [];
  let leftOut = 0;
  return {
    write(line) {
      if (held === undefined) {
        stream.write(format(line));
        return;
      }
      held.push(line);
      if (held.length > maxHeldLines) {
        held.shift();
        leftOut += 1;
      }
    },
    open() {
      const lines = held ?? [];
      held = undefined;
      if (leftOut > 0) {
        const text = `${leftOut} earlier lines of the start are left out`;
        const notice = { process: "launcher", source: "stdout", text } as const;
        stream.write(format(notice));
      }
      for (const line of lines) {
        stream.write(format(line));
      }
    },
  };
}
