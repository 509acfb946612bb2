import type { Writable } from "node:stream";
import {
  defaultMaxFrameBytes,
  frameFlag,
  frameHeaderBytes,
  frameType,
} from "./frame-format.js";
import { HpackEncoder } from "./hpack-encoder.js";

/** Where frames go to. */
export type OutputTarget = Pick<
  Writable,
  | "write"
  | "cork"
  | "uncork"
  | "destroyed"
  | "writableEnded"
  | "writableLength"
  | "writableNeedDrain"
>;

/** Pieces of more than this are written as they are, not copied. */
const copyBytes = 4_096;

/** The update that makes the size of the dynamic table 0 (RFC 7541, 6.3). */
const emptyTable = Buffer.from([0x20]);

/** So much is written at once, without waiting for the end of the turn. */
const enoughBytes = 65_536;

/** What a buffer holds, at least and at most. */
const leastBufferBytes = 512;
const mostBufferBytes = 32_768;

/**
 * All buffers are cut from slabs: memory outside of V8's heap costs a
 * garbage collection more than what is in it.
 */
const slabBytes = 65_536;
let slab = Buffer.allocUnsafeSlow(slabBytes);
let slabAt = 0;

function cutBuffer(bytes: number): Buffer {
  if (bytes > slabBytes / 2) {
    return Buffer.allocUnsafeSlow(bytes);
  }
  if (slabAt + bytes > slabBytes) {
    slab = Buffer.allocUnsafeSlow(slabBytes);
    slabAt = 0;
  }
  const buffer = slab.subarray(slabAt, slabAt + bytes);
  slabAt += bytes;
  return buffer;
}

/**
 * Collects frames, and writes them at once: a write costs more than a call.
 *
 * By default, that is in a tick, after the promises of the handlers that were
 * started by the same packet. Where frames come of many packets, as a client's
 * do that calls on behalf of many connections, it is at the end of the turn of
 * the event loop, after all packets that have arrived.
 */
export class Output {
  readonly #socket: OutputTarget;
  readonly #schedule: () => void;
  #buffer: Buffer | undefined;
  #at = 0;
  /** What comes before the buffer. */
  #before: Uint8Array[] = [];
  #beforeBytes = 0;
  #scheduled = false;
  #dropsTable = false;
  /** What turns have needed lately. */
  #usualBytes = leastBufferBytes;
  /** What this turn has copied before the buffer. */
  #copiedBytes = 0;

  constructor(socket: OutputTarget, writesIn: "tick" | "turn" = "tick") {
    this.#socket = socket;
    this.#schedule =
      writesIn === "tick"
        ? () => process.nextTick(flush, this)
        : () => setImmediate(flush, this);
  }

  /** Whether so much waits for the peer to read that bodies should wait, too. */
  get isFull(): boolean {
    return this.#socket.writableNeedDrain;
  }

  /** What has not been taken by the kernel yet. */
  get waitingBytes(): number {
    return this.#socket.writableLength + this.#beforeBytes + this.#at;
  }

  /**
   * From now on header blocks do not use the dynamic table. The next one says
   * so, whatever size the peer allows now or later (RFC 7541, 4.2).
   */
  dropTable(): void {
    this.#dropsTable = true;
  }

  /** A header block in one frame, or several if it is that large. */
  headers(id: number, endStream: boolean, fields: Uint8Array): void {
    const block = this.#dropsTable
      ? Buffer.concat([emptyTable, fields])
      : fields;
    this.#dropsTable = false;
    const { byteLength } = block;
    const end = endStream ? frameFlag.endStream : 0;
    if (byteLength <= defaultMaxFrameBytes) {
      const flags = end | frameFlag.endHeaders;
      this.#frame(byteLength, frameType.headers, flags, id);
      this.#bytes(block);
      return;
    }
    for (let at = 0; at < byteLength; at += defaultMaxFrameBytes) {
      const piece = block.subarray(at, at + defaultMaxFrameBytes);
      const last = at + defaultMaxFrameBytes >= byteLength;
      this.#frame(
        piece.byteLength,
        at === 0 ? frameType.headers : frameType.continuation,
        (at === 0 ? end : 0) | (last ? frameFlag.endHeaders : 0),
        id,
      );
      this.#bytes(piece);
    }
  }

  /** A header block that is encoded where it is sent from. */
  fields(
    id: number,
    endStream: boolean,
    list: readonly string[],
    encoder: HpackEncoder,
  ): void {
    const bound = HpackEncoder.bound(list);
    if (bound > defaultMaxFrameBytes) {
      const block = new Uint8Array(bound);
      const length = encoder.encode(list, block, 0);
      this.headers(id, endStream, block.subarray(0, length));
      return;
    }
    const buffer = this.#room(frameHeaderBytes + bound);
    const at = this.#at;
    const start = at + frameHeaderBytes;
    const end = encoder.encode(list, buffer, start);
    const flags = endStream
      ? frameFlag.endHeaders | frameFlag.endStream
      : frameFlag.endHeaders;
    writeHead(buffer, at, end - start, frameType.headers, flags, id);
    this.#at = end;
  }

  /** At most {@link defaultMaxFrameBytes}, which every peer takes. */
  data(id: number, endStream: boolean, bytes: Uint8Array): void {
    const flags = endStream ? frameFlag.endStream : 0;
    this.#frame(bytes.byteLength, frameType.data, flags, id);
    this.#bytes(bytes);
    if (this.#beforeBytes >= enoughBytes) {
      // Else a turn could write all that the windows of the peer let through,
      // and only then find that the peer does not read.
      this.flush();
    }
  }

  reset(id: number, code: number): void {
    const at = this.#frame(4, frameType.rstStream, 0, id);
    this.#room(4).writeUInt32BE(code, at);
    this.#at += 4;
  }

  windowUpdate(id: number, increment: number): void {
    const at = this.#frame(4, frameType.windowUpdate, 0, id);
    this.#room(4).writeUInt32BE(increment, at);
    this.#at += 4;
  }

  /** Pairs of a setting and its value. */
  settings(pairs: readonly (readonly [id: number, value: number])[]): void {
    this.#frame(pairs.length * 6, frameType.settings, 0, 0);
    const buffer = this.#room(pairs.length * 6);
    for (const [id, value] of pairs) {
      buffer.writeUInt16BE(id, this.#at);
      buffer.writeUInt32BE(value, this.#at + 2);
      this.#at += 6;
    }
  }

  settingsAck(): void {
    this.#frame(0, frameType.settings, frameFlag.ack, 0);
  }

  /** With eight bytes that the peer gives back. */
  ping(ack: boolean, bytes: Uint8Array): void {
    this.#frame(8, frameType.ping, ack ? frameFlag.ack : 0, 0);
    this.#bytes(bytes);
  }

  goaway(lastId: number, code: number): void {
    const at = this.#frame(8, frameType.goaway, 0, 0);
    const buffer = this.#room(8);
    buffer.writeUInt32BE(lastId, at);
    buffer.writeUInt32BE(code, at + 4);
    this.#at += 8;
  }

  /** Bytes that are frames already. */
  raw(bytes: Uint8Array): void {
    this.#bytes(bytes);
  }

  /** Writes what there is, now. */
  flush(): void {
    this.#scheduled = false;
    const socket = this.#socket;
    const buffer = this.#buffer;
    const at = this.#at;
    const before = this.#before;
    this.#buffer = undefined;
    this.#at = 0;
    this.#learn(this.#copiedBytes + at);
    this.#copiedBytes = 0;
    this.#beforeBytes = 0;
    if (socket.destroyed || socket.writableEnded) {
      this.#before = [];
      return;
    }
    if (before.length === 0) {
      if (buffer !== undefined) {
        socket.write(buffer.subarray(0, at));
      }
      return;
    }
    this.#before = [];
    socket.cork();
    for (const bytes of before) {
      socket.write(bytes);
    }
    if (buffer !== undefined && at > 0) {
      socket.write(buffer.subarray(0, at));
    }
    socket.uncork();
  }

  /** With room to spare, so that nearly every turn needs one buffer. */
  #learn(bytes: number): void {
    const wanted = Math.max(bytes * 1.5, this.#usualBytes * 0.95);
    this.#usualBytes = Math.ceil(
      Math.min(mostBufferBytes, Math.max(leastBufferBytes, wanted)),
    );
  }

  /** The head of a frame; gives where its payload begins. */
  #frame(length: number, type: number, flags: number, id: number): number {
    const buffer = this.#room(
      length <= copyBytes ? frameHeaderBytes + length : frameHeaderBytes,
    );
    writeHead(buffer, this.#at, length, type, flags, id);
    this.#at += frameHeaderBytes;
    return this.#at;
  }

  #bytes(bytes: Uint8Array): void {
    const { byteLength } = bytes;
    if (byteLength <= copyBytes) {
      this.#room(byteLength).set(bytes, this.#at);
      this.#at += byteLength;
    } else {
      this.#room(0);
      this.#close();
      this.#before.push(bytes);
      this.#beforeBytes += byteLength;
    }
  }

  #room(bytes: number): Buffer {
    if (!this.#scheduled) {
      this.#scheduled = true;
      this.#schedule();
    }
    let buffer = this.#buffer;
    if (buffer !== undefined && buffer.length - this.#at >= bytes) {
      return buffer;
    }
    this.#close();
    buffer = cutBuffer(Math.max(this.#usualBytes, bytes));
    this.#buffer = buffer;
    return buffer;
  }

  /** Puts what is in the buffer before what comes next. */
  #close(): void {
    if (this.#buffer !== undefined && this.#at > 0) {
      this.#before.push(this.#buffer.subarray(0, this.#at));
      this.#copiedBytes += this.#at;
      this.#beforeBytes += this.#at;
    }
    this.#buffer = undefined;
    this.#at = 0;
  }
}

function writeHead(
  buffer: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  id: number,
): void {
  buffer.writeUInt32BE(length * 0x100 + type, at);
  buffer[at + 4] = flags;
  buffer.writeUInt32BE(id, at + 5);
}

function flush(output: Output): void {
  output.flush();
}
