import { ConnectionError } from "./connection-error.js";
import { errorCode, frameType } from "./frame-format.js";

/** The first bytes of a server, which show whether it speaks HTTP/2. */
export class ServerGreeting {
  /** Until there are enough. */
  #first: Buffer | undefined = Buffer.alloc(0);

  /**
   * The bytes to be read; undefined while it takes more to tell. Throws a
   * ConnectionError for what does not begin with SETTINGS (RFC 9113, 3.4).
   */
  read(chunk: Buffer): Buffer | undefined {
    if (this.#first === undefined) {
      return chunk;
    }
    const bytes = Buffer.concat([this.#first, chunk]);
    if (bytes.length < 4) {
      this.#first = bytes;
      return undefined;
    }
    this.#first = undefined;
    if (bytes[3] !== frameType.settings) {
      throw new ConnectionError(
        errorCode.protocolError,
        "the server does not speak HTTP/2",
      );
    }
    return bytes;
  }
}
