import type { Connection } from "./connection.js";
import {
  defaultMaxFrameBytes,
  errorCode,
  maxWindowBytes,
} from "./frame-format.js";
import type { HpackEncoder } from "./hpack-encoder.js";

/** As in nghttp2, which sends no larger blocks, and reads none. */
const maxBlockBytes = 65_536;

/**
 * One stream of a connection: what both ends have sent, and what may be sent.
 * Bodies wait here for the windows of the stream and of the connection, and
 * for the peer to read.
 */
export abstract class Stream {
  readonly id: number;
  protected readonly connection: Connection;
  /** How much the peer takes; less than 0 after it has made its window smaller. */
  #sendWindow: number;
  #receiveWindow: number;
  /** When so much has been read, the peer is told that it may send more. */
  readonly #windowUpdateBytes: number;
  #unconfirmed = 0;
  #waiting: Uint8Array[] | undefined;
  /** What ends the stream after what waits: a header block, or nothing more. */
  #lastBlock: Uint8Array | undefined;
  #endsAfter = false;
  /** Whether the peer has sent all it will. */
  remoteEnded = false;
  /** Whether this side has. */
  localEnded = false;
  /** Whether it is over, in order or not. */
  closed = false;

  constructor(
    connection: Connection,
    id: number,
    sendWindow: number,
    receiveWindow: number,
  ) {
    this.connection = connection;
    this.id = id;
    this.#sendWindow = sendWindow;
    this.#receiveWindow = receiveWindow;
    this.#windowUpdateBytes = receiveWindow >>> 1;
  }

  /** A part of the body, a view on memory that others share. */
  abstract onData(chunk: Buffer): void;
  /** Another header block: trailers, or what a server answers with. */
  abstract onFields(fields: readonly string[], endStream: boolean): void;
  /** The peer has sent all. Nothing but a reset follows. */
  abstract onEnd(): void;
  /** The stream is over; the code is that of a reset, NO_ERROR if there was none. */
  abstract onClose(code: number): void;
  /** What waited has been sent. By default, nobody wants to know. */
  onDrain(): void {}

  /** Whether a part of the body waits to be sent. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Sends fields as a header block that the encoder makes. */
  sendFields(
    fields: readonly string[],
    endStream: boolean,
    encoder: HpackEncoder,
  ): void {
    if (this.closed) {
      return;
    }
    this.connection.output.fields(this.id, endStream, fields, encoder);
    if (endStream) {
      this.#ended();
    }
  }

  /** Sends a header block; one that is too large for any peer resets the stream. */
  sendHeaders(block: Uint8Array, endStream: boolean): void {
    if (this.closed) {
      return;
    }
    if (block.byteLength > maxBlockBytes) {
      this.reset(errorCode.internalError);
      return;
    }
    this.connection.output.headers(this.id, endStream, block);
    if (endStream) {
      this.#ended();
    }
  }

  /** Sends a part of the body, now or as soon as it may. The bytes must not be changed after. */
  sendData(bytes: Uint8Array, endStream: boolean): void {
    if (this.closed) {
      return;
    }
    const { connection } = this;
    const { byteLength } = bytes;
    if (
      this.#waiting === undefined &&
      byteLength <= defaultMaxFrameBytes &&
      byteLength <= this.#sendWindow &&
      byteLength <= connection.sendable
    ) {
      this.#sendWindow -= byteLength;
      connection.spend(byteLength);
      connection.output.data(this.id, endStream, bytes);
      if (endStream) {
        this.#ended();
      }
      return;
    }
    this.#waiting ??= [];
    this.#waiting.push(bytes);
    this.#endsAfter ||= endStream;
    this.pump();
  }

  /** Ends the stream with a header block, after what waits. */
  sendTrailers(block: Uint8Array): void {
    if (this.#waiting === undefined) {
      this.sendHeaders(block, true);
    } else {
      this.#lastBlock = block;
      this.#endsAfter = true;
    }
  }

  /** Ends the stream without a word more, after what waits. */
  sendEnd(): void {
    if (this.#waiting === undefined) {
      this.sendData(empty, true);
    } else {
      this.#endsAfter = true;
    }
  }

  /** Ends the stream at once. */
  reset(code: number): void {
    if (!this.closed) {
      this.connection.output.reset(this.id, code);
      this.close(code);
    }
  }

  /** Sends what waits, as far as it may. */
  pump(): void {
    const { connection, id } = this;
    const waiting = this.#waiting;
    if (waiting === undefined || this.closed) {
      return;
    }
    let [first] = waiting;
    while (first !== undefined) {
      const room = Math.max(
        0,
        Math.min(defaultMaxFrameBytes, this.#sendWindow, connection.sendable),
      );
      if (room === 0 && first.byteLength > 0) {
        connection.waitFor(this);
        return;
      }
      const piece = first.byteLength <= room ? first : first.subarray(0, room);
      const isLast = waiting.length === 1 && piece === first;
      const endStream =
        isLast && this.#endsAfter && this.#lastBlock === undefined;
      this.#sendWindow -= piece.byteLength;
      connection.spend(piece.byteLength);
      connection.output.data(id, endStream, piece);
      if (piece === first) {
        waiting.shift();
      } else {
        waiting[0] = first.subarray(room);
      }
      [first] = waiting;
    }
    this.#waiting = undefined;
    if (this.#lastBlock !== undefined) {
      this.sendHeaders(this.#lastBlock, true);
    } else if (this.#endsAfter) {
      this.#ended();
    } else {
      this.onDrain();
    }
  }

  /** The peer takes more of this stream. False if more than there can be. */
  grow(increment: number): boolean {
    if (!this.resize(increment)) {
      return false;
    }
    this.pump();
    return true;
  }

  /**
   * The same, or less, because the peer has changed the windows of all streams.
   * What waits is sent after that has been acknowledged.
   */
  resize(increment: number): boolean {
    this.#sendWindow += increment;
    return this.#sendWindow <= maxWindowBytes;
  }

  /** The peer has sent so much, padding included. False if it must not have. */
  receive(bytes: number): boolean {
    this.#receiveWindow -= bytes;
    return this.#receiveWindow >= 0;
  }

  /** So much of it has been dealt with: the peer may send more. */
  confirm(bytes: number): void {
    this.#unconfirmed += bytes;
    if (
      this.#unconfirmed >= this.#windowUpdateBytes &&
      !this.remoteEnded &&
      !this.closed
    ) {
      this.#receiveWindow += this.#unconfirmed;
      this.connection.output.windowUpdate(this.id, this.#unconfirmed);
      this.#unconfirmed = 0;
    }
  }

  /** The peer has sent all. */
  endRemote(): void {
    this.remoteEnded = true;
    this.onEnd();
    if (this.localEnded) {
      this.close(errorCode.noError);
    }
  }

  /**
   * It is over: by a reset, which may be the peer's, by the end of both sides,
   * or with its connection.
   */
  close(code: number, byPeer = false): void {
    if (this.closed) {
      return;
    }
    this.closed = true;
    this.#waiting = undefined;
    this.connection.forget(this, code, byPeer);
    this.onClose(code);
  }

  #ended(): void {
    this.localEnded = true;
    if (this.remoteEnded) {
      this.close(errorCode.noError);
    } else {
      this.onLocalEnd();
    }
  }

  /** All has been sent before the peer has. By default, it may go on. */
  protected onLocalEnd(): void {}
}

const empty = new Uint8Array(0);
