import { stripVTControlCharacters, styleText } from "node:util";
import pinoPretty from "pino-pretty";

/** A line that a process wrote. */
export interface OutputLine {
  /** The process that wrote it. */
  readonly process: string;
  readonly source: "stdout" | "stderr";
  readonly text: string;
}

/** Turns a line of a process into what is shown, line end included. */
export type LogFormatter = (line: OutputLine) => string;

/** How {@link createPrettyFormatter} shows lines. */
export interface PrettyFormatterOptions {
  /** By default, false. */
  color?: boolean;
}

const colors = [
  "cyan",
  "green",
  "magenta",
  "blue",
  "yellow",
  "greenBright",
  "blueBright",
] as const;

type Color = (typeof colors)[number];

const levels = { stdout: "info", stderr: "warn" } as const;

/**
 * A formatter for machines: every line becomes one JSON record with a `process`
 * field. A line that is no JSON record is kept as the `msg` of a new one, of
 * level `info`, or `warn` from standard error.
 */
export const formatJson: LogFormatter = (line) =>
  `${JSON.stringify({ ...toRecord(line), process: line.process })}\n`;

/**
 * Creates a formatter for people: each record on a line of its own (a stack
 * below it), each line with the name of its process in front.
 */
export function createPrettyFormatter(
  processes: readonly string[],
  options: PrettyFormatterOptions = {},
): LogFormatter {
  const { color = false } = options;
  const width = Math.max(...processes.map((name) => name.length));
  const pretty = pinoPretty.prettyFactory({
    colorize: color,
    // What the prefix says already.
    ignore: "pid,hostname,process,service,role",
    singleLine: true,
    translateTime: "SYS:HH:MM:ss.l",
  });
  const prefixes = new Map(
    processes.map((name, index) => {
      const prefix = `${name.padEnd(width)} |`;
      const chosen = colors[index % colors.length] ?? "cyan";
      return [name, color ? paint(chosen, prefix) : prefix];
    }),
  );
  return (line) => {
    const prefix = prefixes.get(line.process) ?? `${line.process} |`;
    const text = isRecord(parse(line.text))
      ? pretty(JSON.stringify(toRecord(line)))
      : stripVTControlCharacters(line.text);
    return `${text.trimEnd().replace(/^/gm, `${prefix} `)}\n`;
  };
}

/** Colours a text, whatever the streams of this process are. */
export function paint(format: Color | "bold" | "dim" | "red", text: string) {
  return styleText(format, text, { validateStream: false });
}

function toRecord({ source, text }: OutputLine): Record<string, unknown> {
  const record = parse(text);
  if (!isRecord(record)) {
    const msg = stripVTControlCharacters(text);
    return { level: levels[source], time: new Date().toISOString(), msg };
  }
  // What callers send ends up in messages; it must not steer a terminal.
  return typeof record.msg === "string"
    ? { ...record, msg: stripVTControlCharacters(record.msg) }
    : record;
}

function parse(text: string): unknown {
  if (!text.startsWith("{")) {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
