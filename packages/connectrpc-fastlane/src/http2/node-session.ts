import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { encodeStaticBlock } from "./block-writer.js";
import { ForwardedStream } from "./forwarded-stream.js";
import {
  defaultMaxFrameBytes,
  errorCode,
  frameHeaderBytes,
  preface,
  settingId,
} from "./frame-format.js";
import { FrameReader, type FrameSink } from "./frame-reader.js";
import { HpackDecoder } from "./hpack-decoder.js";
import { lendAddress } from "./lend-address.js";
import { Output } from "./output.js";
import type { ServerConnection, ServerHost } from "./server-connection.js";

/** What Node has sent and the client cannot take yet. */
interface Waiting {
  readonly stream: ForwardedStream;
  readonly kind: "data" | "headers" | "reset";
  readonly bytes: Buffer;
  readonly endStream: boolean;
}

const noBytes = Buffer.alloc(0);

/** When so much has been passed on, Node may send more. */
const windowUpdateBytes = 16_384;

/**
 * A session of Node's own `http2` behind a connection, for the streams that
 * are not served here. The streams have the same ids on both sides. Frames of
 * DATA, and the windows of streams, are passed on as they are; header blocks
 * are encoded anew, because each side has tables of its own. The window of the
 * connection bounds what waits here for a client that does not read.
 */
export class NodeSession implements FrameSink {
  readonly #connection: ServerConnection;
  readonly #bytes: Duplex;
  readonly #toNode: Output;
  readonly #fromNode: FrameReader;
  readonly #decoder = new HpackDecoder();
  readonly #streams = new Map<number, ForwardedStream>();
  #waiting: Waiting[] = [];
  #windowBytes: number;
  #ungranted = 0;
  /** Bytes of bodies that Node has not confirmed. */
  #unconfirmed = 0;
  #closed = false;
  /** Whether it takes no more streams. */
  isEnding = false;

  constructor(
    connection: ServerConnection,
    socket: Socket,
    host: Pick<ServerHost, "serveNode">,
    windowBytes: number,
  ) {
    this.#connection = connection;
    this.#windowBytes = windowBytes;
    // Node's header blocks are those of this process: no limit is needed.
    this.#fromNode = new FrameReader(this, Number.POSITIVE_INFINITY);
    this.#bytes = new Duplex({
      read() {},
      write: (chunk: Buffer, _encoding, done) => {
        this.#read(chunk);
        done();
      },
      final: (done) => {
        this.#ended();
        done();
      },
    });
    this.#bytes.on("error", () => {});
    this.#bytes.on("close", () => this.#ended());
    this.#toNode = new Output(pushTo(this.#bytes));
    this.#toNode.dropTable();
    this.#toNode.raw(preface);
    this.#toNode.settings([
      // Blocks without a table of their own.
      [settingId.headerTableSize, 0],
      [settingId.enablePush, 0],
      [settingId.initialWindowSize, windowBytes],
    ]);
    const session = host.serveNode(this.#bytes);
    if (session !== undefined) {
      lendAddress(session, socket);
    }
  }

  /** Hands a request over. */
  open(
    id: number,
    fields: readonly string[],
    endStream: boolean,
  ): ForwardedStream {
    const stream = new ForwardedStream(
      this.#connection,
      id,
      this.#windowBytes,
      this,
    );
    this.#streams.set(id, stream);
    this.#toNode.headers(id, endStream, encodeStaticBlock(fields));
    stream.remoteEnded = endStream;
    return stream;
  }

  /** A frame of a client. */
  frame(bytes: Buffer): void {
    this.#unconfirmed += bytes.length - frameHeaderBytes;
    this.#toNode.raw(bytes);
  }

  /** Trailers of a client. */
  fields(id: number, fields: readonly string[], endStream: boolean): void {
    this.#toNode.headers(id, endStream, encodeStaticBlock(fields));
  }

  /** The client takes more of a stream, or less. */
  grow(id: number, increment: number): void {
    if (increment > 0) {
      this.#toNode.windowUpdate(id, increment);
    }
  }

  /** The client's window for new streams, which changes those of all streams. */
  setWindow(bytes: number): void {
    this.#windowBytes = bytes;
    this.#toNode.settings([[settingId.initialWindowSize, bytes]]);
  }

  /** A stream is over for the client. */
  forget(stream: ForwardedStream, code: number): void {
    this.#drop(stream);
    if (!this.#streams.delete(stream.id) || this.#closed) {
      return;
    }
    if (!stream.localEnded || !stream.remoteEnded) {
      this.#toNode.reset(stream.id, code);
    }
  }

  /** The connection is no more. */
  close(): void {
    this.#closed = true;
    this.#bytes.destroy();
  }

  /** Sends what waits, as far as the client takes it. */
  pump(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) {
      return;
    }
    this.#waiting = [];
    const left: Waiting[] = [];
    const held = new Set<ForwardedStream>();
    for (const one of waiting) {
      if (!held.has(one.stream)) {
        const rest = this.#send(one);
        if (rest === undefined) {
          continue;
        }
        held.add(one.stream);
        left.push(rest);
      } else {
        left.push(one);
      }
    }
    this.#waiting = left.filter((one) => !this.#isVoid(one));
    if (this.#waiting.length > 0) {
      this.#connection.waitFor(this);
    }
  }

  onData(
    id: number,
    endStream: boolean,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      this.#grant(end - start);
      return;
    }
    const chunk = bytes.subarray(start, end);
    this.#take({ stream, kind: "data", bytes: chunk, endStream });
  }

  onHeaders(
    id: number,
    endStream: boolean,
    block: Buffer,
    start: number,
    end: number,
  ): void {
    const fields = this.#decoder.decode(
      block,
      start,
      end,
      Number.POSITIVE_INFINITY,
    );
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      return;
    }
    const bytes = encodeStaticBlock(fields);
    this.#take({ stream, kind: "headers", bytes, endStream });
  }

  onReset(id: number, code: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      return;
    }
    if (code === errorCode.noError) {
      // All of the response comes before.
      this.#take({ stream, kind: "reset", bytes: noBytes, endStream: true });
    } else {
      this.#reset(stream, code);
    }
  }

  onSetting(): void {}

  onSettings(): void {
    this.#toNode.settingsAck();
  }

  onSettingsAck(): void {}

  onPing(ack: boolean, bytes: Buffer, start: number): void {
    if (!ack) {
      this.#toNode.ping(true, bytes.subarray(start, start + 8));
    }
  }

  onGoaway(_lastId: number, code: number): void {
    this.isEnding = true;
    if (code !== errorCode.noError) {
      this.#connection.endBecause(code);
    }
  }

  onWindowUpdate(id: number, increment: number): void {
    if (id === 0) {
      this.#unconfirmed -= increment;
      this.#connection.confirm(increment);
    } else if (this.#streams.has(id)) {
      this.#connection.output.windowUpdate(id, increment);
    }
  }

  onStreamError(): void {}

  /** Sends what comes from Node now, or after what waits of its stream. */
  #take(one: Waiting): void {
    const mustWait = this.#waiting.some(({ stream }) => stream === one.stream);
    const rest = mustWait ? one : this.#send(one);
    if (rest !== undefined) {
      this.#waiting.push(rest);
      this.#connection.waitFor(this);
    }
  }

  /** Sends as much of it as the client takes, and gives the rest. */
  #send(one: Waiting): Waiting | undefined {
    const { stream, kind, bytes, endStream } = one;
    if (this.#isVoid(one)) {
      return undefined;
    }
    if (kind === "reset") {
      this.#reset(stream, errorCode.noError);
      return undefined;
    }
    if (kind === "headers") {
      this.#headers(stream, bytes, endStream);
      return undefined;
    }
    const room = Math.min(this.#connection.sendable, stream.room);
    if (bytes.length <= room) {
      this.#data(stream, bytes, endStream);
      return undefined;
    }
    if (room > 0) {
      this.#data(stream, bytes.subarray(0, room), false);
    }
    return { ...one, bytes: bytes.subarray(Math.max(0, room)) };
  }

  /** Whether the client does not want it any more; Node may send as much again. */
  #isVoid({ stream, kind, bytes }: Waiting): boolean {
    if (stream.closed && kind === "data") {
      this.#grant(bytes.length);
    }
    return stream.closed;
  }

  /** Node has reset the stream. */
  #reset(stream: ForwardedStream, code: number): void {
    this.#streams.delete(stream.id);
    this.#connection.output.reset(stream.id, code);
    stream.close(code);
  }

  /** Forgets what waits of a stream. */
  #drop(stream: ForwardedStream): void {
    this.#waiting = this.#waiting.filter((one) => {
      if (one.stream === stream && one.kind === "data") {
        this.#grant(one.bytes.length);
      }
      return one.stream !== stream;
    });
  }

  #data(stream: ForwardedStream, bytes: Buffer, endStream: boolean): void {
    const connection = this.#connection;
    connection.spend(bytes.length);
    stream.spend(bytes.length);
    this.#grant(bytes.length);
    for (let at = 0; at < bytes.length; at += defaultMaxFrameBytes) {
      const piece = bytes.subarray(at, at + defaultMaxFrameBytes);
      const isLast = at + piece.length === bytes.length;
      connection.output.data(stream.id, isLast && endStream, piece);
    }
    if (bytes.length === 0) {
      connection.output.data(stream.id, endStream, bytes);
    }
    if (endStream) {
      stream.endLocal();
    }
  }

  #headers(stream: ForwardedStream, block: Buffer, endStream: boolean): void {
    this.#connection.output.headers(stream.id, endStream, block);
    if (endStream) {
      stream.endLocal();
    }
  }

  /** Node may send so much more. */
  #grant(bytes: number): void {
    this.#ungranted += bytes;
    if (this.#ungranted >= windowUpdateBytes && !this.#closed) {
      this.#toNode.windowUpdate(0, this.#ungranted);
      this.#ungranted = 0;
    }
  }

  #read(chunk: Buffer): void {
    if (!this.#closed) {
      this.#fromNode.read(chunk);
    }
  }

  /** Node has closed the session, or somebody the socket that it seems to have. */
  #ended(): void {
    this.isEnding = true;
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#waiting = [];
    this.#connection.forgetNode(this);
    // Nobody else gives the client this part of its window back.
    this.#connection.confirm(this.#unconfirmed);
    for (const stream of [...this.#streams.values()]) {
      this.#connection.output.reset(stream.id, errorCode.internalError);
      stream.close(errorCode.internalError);
    }
  }
}

/** What is written comes out of the stream at its other end. */
function pushTo(stream: Duplex) {
  return {
    write(bytes: Uint8Array): boolean {
      return stream.push(bytes);
    },
    cork() {},
    uncork() {},
    get destroyed() {
      return stream.destroyed;
    },
    writableEnded: false,
    writableLength: 0,
    writableNeedDrain: false,
  };
}
