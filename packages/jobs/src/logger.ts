/** The part of a pino logger that is used. */
export interface Logger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** A logger that says nothing. */
export const silentLogger: Logger = {
  info() {},
  warn() {},
  error() {},
};
