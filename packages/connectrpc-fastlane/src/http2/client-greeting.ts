import { ConnectionError } from "./connection-error.js";
import {
  errorCode,
  frameFlag,
  frameHeaderBytes,
  frameType,
  preface,
} from "./frame-format.js";

/** Where the first frame has its type, and its flags. */
const typeAt = preface.length + 3;
const flagsAt = typeAt + 1;

/** The first bytes of a client, which show whether it speaks HTTP/2. */
export class ClientGreeting {
  /** Until there are enough. */
  #first: Buffer | undefined = Buffer.alloc(0);

  /**
   * The bytes to be read, without the preface; undefined while it takes more to
   * tell. Throws a ConnectionError for what does not begin with the preface and
   * SETTINGS that are no answer (RFC 9113, 3.4).
   */
  read(chunk: Buffer): Buffer | undefined {
    if (this.#first === undefined) {
      return chunk;
    }
    const first = Buffer.concat([this.#first, chunk]);
    const length = Math.min(first.length, preface.length);
    const isPreface = preface.compare(first, 0, length, 0, length) === 0;
    const { [typeAt]: type = frameType.settings, [flagsAt]: flags = 0 } = first;
    if (
      !isPreface ||
      type !== frameType.settings ||
      (flags & frameFlag.ack) !== 0
    ) {
      throw new ConnectionError(
        errorCode.protocolError,
        "the client does not begin with SETTINGS",
      );
    }
    if (first.length < preface.length + frameHeaderBytes) {
      this.#first = first;
      return undefined;
    }
    this.#first = undefined;
    return first.subarray(preface.length);
  }
}
