import { type Logger, pino } from "pino";

export type { Logger } from "pino";

/** What {@link createLogger} needs. */
export interface LoggerOptions {
  /** The name of the service, part of every line. */
  service: string;
  /** Which of its processes: `server` or `worker`. */
  role: string;
  /** The lowest level that is written. */
  level: string;
}

/**
 * Creates a logger that writes JSON lines to standard output. Values are
 * escaped by JSON, so that no input can forge a line; headers that carry
 * secrets are cut out wherever they are logged.
 */
export function createLogger(options: LoggerOptions): Logger {
  return pino({
    level: options.level,
    base: { service: options.service, role: options.role, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: ["authorization", "cookie", "*.authorization", "*.cookie"],
      censor: "[redacted]",
    },
  });
}
