/** An error that ends the connection (RFC 9113, 5.4.1). */
export class ConnectionError extends Error {
  override name = "ConnectionError";
  /** What GOAWAY says: one of {@link errorCode}. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
