/** Why a database could not be started. */
export type DatabaseStartProblem =
  /** Its data folder is held by another process. */
  | "data-in-use"
  /** Its port is taken. */
  | "port-in-use"
  /** No database can be had on this machine. */
  | "no-engine"
  /** Anything else. */
  | "failed";

/**
 * A DatabaseStartError is raised if a database cannot be started. Its message
 * says what to do.
 */
export class DatabaseStartError extends Error {
  override name = "DatabaseStartError";

  constructor(
    readonly problem: DatabaseStartProblem,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
