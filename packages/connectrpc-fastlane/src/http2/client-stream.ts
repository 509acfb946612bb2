import type { ClientConnection } from "./client-connection.js";
import type { ClientRequest } from "./client-request.js";
import { errorCode } from "./frame-format.js";
import {
  areTrailers,
  type ResponseHead,
  readResponseHead,
} from "./response-fields.js";
import { Stream } from "./stream.js";

/** What is read now; nothing is read while something else is. */
const head: ResponseHead = { status: 0, contentLength: -1 };

/** A stream of a client: it carries one request, and checks its response. */
export class ClientStream extends Stream {
  protected declare readonly connection: ClientConnection;
  readonly #request: ClientRequest;
  /** Whether the headers of the response have come, not only informational ones. */
  #answered = false;
  #trailers: readonly string[] | undefined;
  /** How long the body is; -1 if nobody has said so. */
  #contentLength = -1;
  #bodyBytes = 0;
  /** Whether the response is complete. */
  #complete = false;

  constructor(
    connection: ClientConnection,
    id: number,
    sendWindow: number,
    receiveWindow: number,
    request: ClientRequest,
  ) {
    super(connection, id, sendWindow, receiveWindow);
    this.#request = request;
  }

  onFields(fields: readonly string[], endStream: boolean): void {
    if (this.#answered) {
      if (endStream && areTrailers(fields)) {
        this.#trailers = fields;
      } else {
        this.reset(errorCode.protocolError);
      }
      return;
    }
    readResponseHead(fields, head);
    if (head.status < 100) {
      this.reset(errorCode.protocolError);
    } else if (head.status >= 200) {
      this.#answered = true;
      this.#contentLength = head.contentLength;
      this.#request.onHeaders(fields);
    }
  }

  onData(chunk: Buffer): void {
    this.#bodyBytes += chunk.byteLength;
    if (
      !this.#answered ||
      (this.#contentLength >= 0 && this.#bodyBytes > this.#contentLength)
    ) {
      this.reset(errorCode.protocolError);
      return;
    }
    this.confirm(chunk.byteLength);
    this.#request.onData(chunk);
  }

  onEnd(): void {
    if (
      !this.#answered ||
      (this.#contentLength >= 0 && this.#bodyBytes !== this.#contentLength)
    ) {
      this.reset(errorCode.protocolError);
      return;
    }
    this.#complete = true;
    this.#request.onEnd(this.#trailers);
    if (!this.localEnded) {
      // The server has answered without waiting for the request.
      this.reset(errorCode.cancel);
    }
  }

  onClose(code: number): void {
    if (!this.#complete) {
      this.#request.onClose(code, this.connection.endReason);
    }
  }
}
