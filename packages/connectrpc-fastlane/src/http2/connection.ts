import type { Duplex } from "node:stream";
import { CompressionError } from "./compression-error.js";
import { ConnectionError } from "./connection-error.js";
import {
  defaultWindowBytes,
  errorCode,
  maxStreamId,
  maxWindowBytes,
  settingId,
} from "./frame-format.js";
import { FrameReader, type FrameSink } from "./frame-reader.js";
import { HpackDecoder } from "./hpack-decoder.js";
import { OpenStreams } from "./open-streams.js";
import { Output } from "./output.js";
import type { Stream } from "./stream.js";

/** Who waits for the connection's window, or for the peer to read. */
export interface Waiter {
  pump(): void;
}

/** So much may wait for a peer that does not read, before it is not read either. */
const maxWaitingBytes = 1_048_576;

/** Reads the first bytes of a peer, which show whether it speaks HTTP/2. */
export interface Greeting {
  /**
   * The bytes to be read as frames; undefined while it takes more to tell.
   * Throws a ConnectionError for what is not HTTP/2.
   */
  read(chunk: Buffer): Buffer | undefined;
}

/** What a connection may be made to hold. */
export interface ConnectionLimits {
  /** Of the fields of a header block, as RFC 9113, 6.5.2, counts them. */
  readonly maxHeaderBytes: number;
  /**
   * How much the peer may send on all streams before it is confirmed. By
   * default, 65,535 bytes; more must be granted to the peer.
   */
  readonly receiveWindowBytes?: number;
  /** When frames are written. By default, in a tick. */
  readonly writesIn?: "tick" | "turn";
}

/**
 * What clients and servers of HTTP/2 have in common (RFC 9113): frames in and
 * out, settings, flow control, and the streams that are open.
 */
export abstract class Connection implements FrameSink {
  readonly output: Output;
  protected readonly socket: Duplex;
  protected readonly decoder = new HpackDecoder();
  protected readonly maxHeaderBytes: number;
  protected readonly streams = new OpenStreams<Stream>();
  protected peerInitialWindow = defaultWindowBytes;
  readonly #greeting: Greeting;
  readonly #reader: FrameReader;
  readonly #waiters = new Set<Waiter>();
  #sendWindow = defaultWindowBytes;
  #receiveWindow: number;
  /** When so much has been read, the peer is told that it may send more. */
  readonly #windowUpdateBytes: number;
  #unconfirmed = 0;
  #paused = false;
  protected isClosed = false;
  protected peerMaxStreams = Number.POSITIVE_INFINITY;

  constructor(socket: Duplex, greeting: Greeting, limits: ConnectionLimits) {
    const { maxHeaderBytes, receiveWindowBytes = defaultWindowBytes } = limits;
    this.socket = socket;
    this.#greeting = greeting;
    this.maxHeaderBytes = maxHeaderBytes;
    this.#receiveWindow = receiveWindowBytes;
    this.#windowUpdateBytes = receiveWindowBytes >>> 1;
    this.output = new Output(socket, limits.writesIn);
    this.#reader = new FrameReader(this, Math.max(65_536, 2 * maxHeaderBytes));
    socket.on("drain", () => {
      if (this.#paused) {
        this.#paused = false;
        socket.resume();
      }
      this.#pumpAll();
    });
  }

  /** How many bytes of bodies may be sent now. */
  get sendable(): number {
    return this.output.isFull ? 0 : this.#sendWindow;
  }

  /** So many have been. */
  spend(bytes: number): void {
    this.#sendWindow -= bytes;
  }

  /** Calls back once more may be sent. */
  waitFor(waiter: Waiter): void {
    this.#waiters.add(waiter);
  }

  /** The peer may send so much more on all streams together. */
  confirm(bytes: number): void {
    this.#unconfirmed += bytes;
    if (this.#unconfirmed >= this.#windowUpdateBytes) {
      this.#receiveWindow += this.#unconfirmed;
      this.output.windowUpdate(0, this.#unconfirmed);
      this.#unconfirmed = 0;
    }
  }

  /** A stream is over. */
  forget(stream: Stream, _code: number, _byPeer: boolean): void {
    this.streams.delete(stream.id);
    this.#waiters.delete(stream);
  }

  /** Reads what has arrived; what breaks the protocol ends the connection. */
  protected read(chunk: Buffer): void {
    if (this.isClosed) {
      return;
    }
    try {
      const bytes = this.#greeting.read(chunk);
      if (bytes !== undefined) {
        this.#reader.read(bytes);
      }
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.output.waitingBytes > maxWaitingBytes && !this.#paused) {
      this.#paused = true;
      this.socket.pause();
    }
  }

  /** Ends the connection because of what the peer sent. */
  protected fail(error: unknown): void {
    let code: number = errorCode.internalError;
    if (error instanceof ConnectionError) {
      code = error.code;
    } else if (error instanceof CompressionError) {
      code = errorCode.compressionError;
    }
    this.breakOff(code, error);
  }

  /** Says why, and ends the connection with all of its streams. */
  protected abstract breakOff(code: number, error: unknown): void;

  /** Ends all streams, because their connection has. */
  protected closeStreams(code: number): void {
    this.isClosed = true;
    this.#reader.stop();
    for (const stream of this.streams.list()) {
      stream.close(code);
    }
    this.#waiters.clear();
  }

  onData(
    id: number,
    endStream: boolean,
    bytes: Buffer,
    start: number,
    end: number,
    frameStart: number,
    frameEnd: number,
  ): void {
    const size = frameEnd - frameStart - 9;
    this.#receiveWindow -= size;
    if (this.#receiveWindow < 0) {
      throw new ConnectionError(errorCode.flowControlError, "too much data");
    }
    const stream = this.streams.get(id);
    if (stream === undefined) {
      this.confirm(size);
      this.onStrayFrame(id, true);
      return;
    }
    this.dataFor(stream, endStream, bytes, start, end, frameStart, frameEnd);
  }

  /** A part of the body of an open stream. */
  protected dataFor(
    stream: Stream,
    endStream: boolean,
    bytes: Buffer,
    start: number,
    end: number,
    frameStart: number,
    frameEnd: number,
  ): void {
    const size = frameEnd - frameStart - 9;
    this.confirm(size);
    if (stream.remoteEnded) {
      stream.reset(errorCode.streamClosed);
      return;
    }
    if (!stream.receive(size)) {
      stream.reset(errorCode.flowControlError);
      return;
    }
    if (size > end - start) {
      stream.confirm(size - (end - start));
    }
    if (end > start) {
      const chunk = bytes.subarray(start, end);
      // A view keeps all that came along, which nobody counts.
      const isSmallPart = bytes.length > 4 * chunk.length + 1_024;
      stream.onData(isSmallPart && !endStream ? Buffer.from(chunk) : chunk);
    }
    if (endStream && !stream.closed) {
      stream.endRemote();
    }
  }

  /** A frame for a stream that is not open. Throws if it never was. */
  protected abstract onStrayFrame(id: number, isData: boolean): void;

  abstract onHeaders(
    id: number,
    endStream: boolean,
    block: Buffer,
    start: number,
    end: number,
  ): void;

  onReset(id: number, code: number): void {
    const stream = this.streams.get(id);
    if (stream === undefined) {
      this.onStrayFrame(id, false);
    } else {
      stream.close(code, true);
    }
  }

  onSetting(setting: number, value: number): void {
    switch (setting) {
      case settingId.initialWindowSize: {
        if (value > maxWindowBytes) {
          throw new ConnectionError(errorCode.flowControlError, "window size");
        }
        const increment = value - this.peerInitialWindow;
        this.peerInitialWindow = value;
        for (const stream of this.streams.list()) {
          if (!stream.resize(increment)) {
            throw new ConnectionError(
              errorCode.flowControlError,
              "window size",
            );
          }
        }
        break;
      }
      case settingId.maxConcurrentStreams:
        this.peerMaxStreams = value;
        break;
      case settingId.maxFrameSize:
        // What is sent is never larger than the least of it.
        if (value < 16_384 || value > 2 ** 24 - 1) {
          throw new ConnectionError(errorCode.protocolError, "frame size");
        }
        break;
      case settingId.enablePush:
        if (value > 1) {
          throw new ConnectionError(errorCode.protocolError, "enable push");
        }
        break;
      default:
      // The table of headers is not used, and others do not matter.
    }
  }

  onSettings(): void {
    this.output.settingsAck();
    // Not before: a peer may count by its old windows until it has read that.
    this.#pumpAll();
  }

  abstract onSettingsAck(): void;

  onPing(ack: boolean, bytes: Buffer, start: number): void {
    if (!ack) {
      this.output.ping(true, bytes.subarray(start, start + 8));
    }
  }

  abstract onGoaway(lastId: number, code: number, debug: Buffer): void;

  onWindowUpdate(id: number, increment: number): void {
    if (id === 0) {
      this.#sendWindow += increment;
      if (this.#sendWindow > maxWindowBytes) {
        throw new ConnectionError(errorCode.flowControlError, "window size");
      }
      this.#pumpAll();
      return;
    }
    const stream = this.streams.get(id);
    if (stream === undefined) {
      this.onStrayFrame(id, false);
    } else if (!stream.grow(increment)) {
      stream.reset(errorCode.flowControlError);
    }
  }

  onStreamError(id: number, code: number): void {
    const stream = this.streams.get(id);
    if (stream !== undefined) {
      stream.reset(code);
    } else if (id <= maxStreamId) {
      this.output.reset(id, code);
    }
  }

  #pumpAll(): void {
    if (this.#waiters.size === 0) {
      return;
    }
    // They take turns, or one large body would hold up all others.
    const [first, ...others] = this.#waiters;
    this.#waiters.clear();
    for (const waiter of others) {
      waiter.pump();
    }
    first?.pump();
  }
}
