import { ConnectionError } from "./connection-error.js";
import {
  defaultMaxFrameBytes,
  errorCode,
  frameFlag,
  frameHeaderBytes,
  frameType,
  maxStreamId,
} from "./frame-format.js";

/** Takes the frames of a connection, each with valid syntax. What is thrown ends the reading. */
export interface FrameSink {
  /**
   * A piece of a body, in `bytes` from `start` to `end`, without its padding.
   * The whole frame begins at `frameStart` and ends at `frameEnd`.
   */
  onData(
    id: number,
    endStream: boolean,
    bytes: Buffer,
    start: number,
    end: number,
    frameStart: number,
    frameEnd: number,
  ): void;
  /** A whole header block, put together from its CONTINUATION frames. */
  onHeaders(
    id: number,
    endStream: boolean,
    block: Buffer,
    start: number,
    end: number,
  ): void;
  onReset(id: number, code: number): void;
  /** One setting; `onSettings` follows the last one of a frame. */
  onSetting(setting: number, value: number): void;
  onSettings(): void;
  onSettingsAck(): void;
  onPing(ack: boolean, bytes: Buffer, start: number): void;
  onGoaway(lastId: number, code: number, debug: Buffer): void;
  /** For the connection if the id is 0. */
  onWindowUpdate(id: number, increment: number): void;
  /** A frame that is wrong for its stream alone. */
  onStreamError(id: number, code: number): void;
}

/** Header blocks may come in so many frames: more are an attack (CVE-2024-27316). */
const maxContinuations = 32;

/**
 * Splits what arrives into frames. Throws a ConnectionError for what breaks
 * the format of frames, after which the reader is not to be used again.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #maxBlockBytes: number;
  /** The start of a frame whose end has not arrived. */
  #rest: Buffer | undefined;
  /** The stream whose header block goes on in the next frame; 0 if none does. */
  #openId = 0;
  #openEndStream = false;
  #blocks: Buffer[] = [];
  #blockBytes = 0;
  #stopped = false;

  /** Header blocks of more than `maxBlockBytes`, compressed, end the connection. */
  constructor(sink: FrameSink, maxBlockBytes: number) {
    this.#sink = sink;
    this.#maxBlockBytes = maxBlockBytes;
  }

  /** Reads no more, not even the frames that came along. */
  stop(): void {
    this.#stopped = true;
  }

  /** Reads all frames that are complete with this chunk. */
  read(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#rest !== undefined) {
      bytes = Buffer.concat([this.#rest, chunk]);
      this.#rest = undefined;
    }
    const { length } = bytes;
    let at = 0;
    while (length - at >= frameHeaderBytes && !this.#stopped) {
      const head = bytes.readUInt32BE(at);
      const end = at + frameHeaderBytes + (head >>> 8);
      if (head >>> 8 > defaultMaxFrameBytes) {
        throw new ConnectionError(
          errorCode.frameSizeError,
          `frame of ${head >>> 8} bytes`,
        );
      }
      if (end > length) {
        break;
      }
      this.#frame(head & 0xff, bytes, at, end);
      at = end;
    }
    if (at < length && !this.#stopped) {
      this.#rest = at === 0 ? bytes : bytes.subarray(at);
    }
  }

  #frame(type: number, bytes: Buffer, at: number, end: number): void {
    const flags = bytes.readUInt8(at + 4);
    const id = bytes.readUInt32BE(at + 5) & maxStreamId;
    if (
      this.#openId !== 0 &&
      (type !== frameType.continuation || id !== this.#openId)
    ) {
      throw protocolError("a header block is not complete");
    }
    const start = at + frameHeaderBytes;
    switch (type) {
      case frameType.data:
        this.#data(flags, id, bytes, at, end);
        break;
      case frameType.headers:
        this.#headers(flags, id, bytes, start, end);
        break;
      case frameType.windowUpdate:
        this.#windowUpdate(id, bytes, start, end);
        break;
      case frameType.continuation:
        this.#continuation(flags, id, bytes, start, end);
        break;
      case frameType.rstStream:
        requireLength(end - start, 4);
        requireStream(id);
        this.#sink.onReset(id, bytes.readUInt32BE(start));
        break;
      case frameType.settings:
        this.#settings(flags, id, bytes, start, end);
        break;
      case frameType.ping:
        requireConnection(id);
        requireLength(end - start, 8);
        this.#sink.onPing((flags & frameFlag.ack) !== 0, bytes, start);
        break;
      case frameType.goaway:
        requireConnection(id);
        if (end - start < 8) {
          requireLength(end - start, 8);
        }
        this.#sink.onGoaway(
          bytes.readUInt32BE(start) & maxStreamId,
          bytes.readUInt32BE(start + 4),
          bytes.subarray(start + 8, end),
        );
        break;
      case frameType.priority:
        requireStream(id);
        if (end - start !== 5) {
          this.#sink.onStreamError(id, errorCode.frameSizeError);
        } else if ((bytes.readUInt32BE(start) & maxStreamId) === id) {
          this.#sink.onStreamError(id, errorCode.protocolError);
        }
        break;
      case frameType.pushPromise:
        throw protocolError("a push that nobody has allowed");
      default:
      // To be ignored (RFC 9113, 4.1).
    }
  }

  #data(
    flags: number,
    id: number,
    bytes: Buffer,
    at: number,
    end: number,
  ): void {
    requireStream(id);
    let from = at + frameHeaderBytes;
    let to = end;
    if ((flags & frameFlag.padded) !== 0) {
      to -= paddingOf(bytes, from, end);
      from += 1;
    }
    const endStream = (flags & frameFlag.endStream) !== 0;
    this.#sink.onData(id, endStream, bytes, from, to, at, end);
  }

  #headers(
    flags: number,
    id: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    requireStream(id);
    let from = start;
    let to = end;
    if ((flags & frameFlag.padded) !== 0) {
      to -= paddingOf(bytes, start, end);
      from += 1;
    }
    if ((flags & frameFlag.priority) !== 0) {
      if (to - from < 5) {
        throw new ConnectionError(errorCode.frameSizeError, "no priority");
      }
      if ((bytes.readUInt32BE(from) & maxStreamId) === id) {
        throw protocolError("a stream that depends on itself");
      }
      from += 5;
    }
    const endStream = (flags & frameFlag.endStream) !== 0;
    if ((flags & frameFlag.endHeaders) !== 0) {
      this.#sink.onHeaders(id, endStream, bytes, from, to);
      return;
    }
    this.#openId = id;
    this.#openEndStream = endStream;
    this.#addBlock(bytes, from, to);
  }

  #continuation(
    flags: number,
    id: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    if (this.#openId === 0) {
      throw protocolError("a header block that goes on but did not begin");
    }
    this.#addBlock(bytes, start, end);
    if ((flags & frameFlag.endHeaders) !== 0) {
      const block = Buffer.concat(this.#blocks);
      this.#blocks = [];
      this.#blockBytes = 0;
      this.#openId = 0;
      this.#sink.onHeaders(id, this.#openEndStream, block, 0, block.length);
    }
  }

  #addBlock(bytes: Buffer, start: number, end: number): void {
    this.#blockBytes += end - start;
    if (
      this.#blockBytes > this.#maxBlockBytes ||
      this.#blocks.length > maxContinuations
    ) {
      throw new ConnectionError(
        errorCode.enhanceYourCalm,
        "a header block that is too large",
      );
    }
    this.#blocks.push(bytes.subarray(start, end));
  }

  #settings(
    flags: number,
    id: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    requireConnection(id);
    if ((flags & frameFlag.ack) !== 0) {
      requireLength(end - start, 0);
      this.#sink.onSettingsAck();
      return;
    }
    if ((end - start) % 6 !== 0) {
      throw new ConnectionError(errorCode.frameSizeError, "half a setting");
    }
    for (let at = start; at < end; at += 6) {
      this.#sink.onSetting(bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2));
    }
    this.#sink.onSettings();
  }

  #windowUpdate(id: number, bytes: Buffer, start: number, end: number): void {
    requireLength(end - start, 4);
    const increment = bytes.readUInt32BE(start) & maxStreamId;
    if (increment > 0) {
      this.#sink.onWindowUpdate(id, increment);
    } else if (id === 0) {
      throw protocolError("a window that does not grow");
    } else {
      this.#sink.onStreamError(id, errorCode.protocolError);
    }
  }
}

/** The bytes of padding at the end, without the one that says so. */
function paddingOf(bytes: Buffer, start: number, end: number): number {
  if (start === end) {
    throw new ConnectionError(errorCode.frameSizeError, "no padding");
  }
  const padding = bytes.readUInt8(start);
  if (padding >= end - start) {
    throw protocolError("more padding than there is");
  }
  return padding;
}

function requireStream(id: number): void {
  if (id === 0) {
    throw protocolError("a frame that needs a stream");
  }
}

function requireConnection(id: number): void {
  if (id !== 0) {
    throw protocolError("a frame that is for the connection");
  }
}

function requireLength(length: number, wanted: number): void {
  if (length !== wanted) {
    throw new ConnectionError(
      errorCode.frameSizeError,
      `a frame of ${length} bytes instead of ${wanted}`,
    );
  }
}

function protocolError(message: string): ConnectionError {
  return new ConnectionError(errorCode.protocolError, message);
}
