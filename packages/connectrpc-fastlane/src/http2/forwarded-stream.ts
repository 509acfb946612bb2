import { maxWindowBytes } from "./frame-format.js";
import type { NodeSession } from "./node-session.js";
import type { ServerConnection } from "./server-connection.js";
import { Stream } from "./stream.js";

/** A stream that Node's own `http2` serves, by the frames that come for it. */
export class ForwardedStream extends Stream {
  readonly #session: NodeSession;
  /** What the client takes, which Node may not know yet. */
  #window: number;

  constructor(
    connection: ServerConnection,
    id: number,
    windowBytes: number,
    session: NodeSession,
  ) {
    super(connection, id, windowBytes, 0);
    this.#window = windowBytes;
    this.#session = session;
  }

  /** How many bytes may go to the client. */
  get room(): number {
    return Math.max(0, this.#window);
  }

  /** So many bytes went to the client. */
  spend(bytes: number): void {
    this.#window -= bytes;
  }

  /** A DATA frame, as it came. */
  forward(
    bytes: Buffer,
    frameStart: number,
    frameEnd: number,
    endStream: boolean,
  ): void {
    this.#session.frame(bytes.subarray(frameStart, frameEnd));
    if (endStream) {
      this.endRemote();
    }
  }

  /** Node has sent all it will. */
  endLocal(): void {
    this.localEnded = true;
    if (this.remoteEnded) {
      this.close(0);
    }
  }

  override grow(increment: number): boolean {
    if (!this.resize(increment)) {
      return false;
    }
    this.#session.grow(this.id, increment);
    this.#session.pump();
    return true;
  }

  /** Node learns of it by a setting. */
  override resize(increment: number): boolean {
    this.#window += increment;
    return this.#window <= maxWindowBytes;
  }

  onData(): void {}

  onFields(fields: readonly string[], endStream: boolean): void {
    this.#session.fields(this.id, fields, endStream);
  }

  onEnd(): void {}

  onClose(code: number): void {
    this.#session.forget(this, code);
  }
}
