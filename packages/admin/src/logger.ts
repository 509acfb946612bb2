/** The part of a logger that this package uses; pino's fits. */
export interface AdminLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** Logs nothing. */
export const silentLogger: AdminLogger = {
  info: () => {},
  warn: () => {},
  error: () => {},
};
