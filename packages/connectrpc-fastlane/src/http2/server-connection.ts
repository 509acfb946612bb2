import type { ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { Arrivals } from "./arrivals.js";
import { ClientGreeting } from "./client-greeting.js";
import { Connection } from "./connection.js";
import { ConnectionError } from "./connection-error.js";
import { ForwardedStream } from "./forwarded-stream.js";
import { errorCode, maxStreamId, settingId } from "./frame-format.js";
import { NodeSession } from "./node-session.js";
import { type RequestFields, readRequestFields } from "./request-fields.js";
import { ResetBudget } from "./reset-budget.js";
import { ServerLife } from "./server-life.js";
import type { ServerLimit, ServerLimits } from "./server-limits.js";
import type { Stream } from "./stream.js";

/** A stream that is served by this side. */
export interface ServedStream extends Stream {
  /** Path and query of its request. */
  readonly path: string;
  /** Begins to serve it: all of the packet that brought it has been read. */
  start(): void;
}

/** Who serves a request. */
export interface RequestServer {
  /** Makes the stream of it. */
  open(
    connection: ServerConnection,
    id: number,
    sendWindow: number,
    receiveWindow: number,
  ): ServedStream;
}

/** What a server is told about requests, and who serves the others. */
export interface ServerHost {
  readonly limits: ServerLimits;
  /** Who serves a request; undefined if that is Node. */
  choose(fields: RequestFields): RequestServer | undefined;
  /** Lets Node's own `http2` speak on a stream of bytes, and gives its session. */
  serveNode(bytes: Duplex): ServerHttp2Session | undefined;
  /** Whether requests to this path have to arrive in time. */
  limitArrival(path: string): boolean;
  onLimit(limit: ServerLimit): void;
}

/** The window that each stream of a client begins with: the default. */
const receiveWindow = 65_535;

/** How long a client that has broken the protocol has to read why, in milliseconds. */
const brokenMs = 2_000;

/** Of how many streams it is remembered that they were reset. */
const maxRemembered = 256;

/**
 * A server's side of one connection. Each request is served by whom the host
 * has chosen, or handed over to Node's own `http2`, frame by frame.
 */
export class ServerConnection extends Connection {
  readonly #host: ServerHost;
  readonly #netSocket: Socket;
  /** The last stream that was taken, which GOAWAY tells. */
  #lastId = 0;
  /** The last that the client has opened. */
  #highestId = 0;
  /** Served streams that came in the packet that is being read. */
  #arrived: ServedStream[] = [];
  /** Streams that ended before their requests did. */
  readonly #resetHere = new Set<number>();
  /** Sessions of Node's, of which one takes new streams. */
  readonly #nodes = new Set<NodeSession>();
  #node: NodeSession | undefined;
  readonly #resets = new ResetBudget();
  readonly #arrivals: Arrivals;
  readonly #life: ServerLife;

  constructor(socket: Socket, host: ServerHost) {
    const { limits } = host;
    super(socket, new ClientGreeting(), {
      maxHeaderBytes: limits.maxHeaderSizeBytes,
    });
    this.#host = host;
    this.#netSocket = socket;
    this.#arrivals = new Arrivals(limits.requestTimeoutMs, () =>
      host.onLimit("requestTimeoutMs"),
    );
    this.#life = new ServerLife(socket, limits, {
      isBusy: () => this.streams.size > 0,
      announce: () => {
        this.output.goaway(maxStreamId, errorCode.noError);
        this.output.ping(false, drainPing);
      },
      finish: () => this.output.goaway(this.#lastId, errorCode.noError),
      flush: () => this.output.flush(),
      onLimit: (limit) => host.onLimit(limit),
    });
    // As Node's own does: small messages must not wait for each other.
    socket.setNoDelay();
    if (socket instanceof TLSSocket) {
      socket.disableRenegotiation();
    }
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("close", () => this.#closed());
    this.output.dropTable();
    this.output.settings([
      [settingId.maxConcurrentStreams, limits.maxConcurrentStreams],
      [settingId.maxHeaderListSize, limits.maxHeaderSizeBytes],
    ]);
  }

  /** Lets the client finish, and then ends the connection. */
  drain(): void {
    this.#life.end();
  }

  override forget(stream: Stream, code: number, byPeer: boolean): void {
    super.forget(stream, code, byPeer);
    if (!stream.remoteEnded && !byPeer) {
      this.#remember(stream.id);
    }
    this.#arrivals.forget(stream);
    // The code of a client's reset is of its choice; a failure is the server's own.
    const isBlamed =
      byPeer ||
      (code !== errorCode.noError && code !== errorCode.internalError);
    if (isBlamed && !this.#resets.spend()) {
      this.breakOff(errorCode.enhanceYourCalm);
    }
    if (this.streams.size === 0) {
      this.#life.quiet();
    }
  }

  onHeaders(
    id: number,
    endStream: boolean,
    block: Buffer,
    start: number,
    end: number,
  ): void {
    const { decoder } = this;
    const fields = decoder.decode(block, start, end, this.maxHeaderBytes);
    const stream = this.streams.get(id);
    if (stream !== undefined) {
      this.#trailers(stream, fields, endStream);
      return;
    }
    if (id % 2 === 0) {
      throw new ConnectionError(errorCode.protocolError, "an even stream");
    }
    if (id <= this.#highestId) {
      this.#late(id);
      return;
    }
    this.#highestId = id;
    if (this.#life.hasEnded) {
      this.output.reset(id, errorCode.refusedStream);
      this.#remember(id);
      return;
    }
    this.#lastId = id;
    if (decoder.overflowed) {
      this.#refuse(id, errorCode.enhanceYourCalm);
    } else if (this.streams.size >= this.#host.limits.maxConcurrentStreams) {
      this.#refuse(id, errorCode.refusedStream);
    } else {
      this.#request(id, fields, endStream);
    }
  }

  protected override dataFor(
    stream: Stream,
    endStream: boolean,
    bytes: Buffer,
    start: number,
    end: number,
    frameStart: number,
    frameEnd: number,
  ): void {
    if (stream instanceof ForwardedStream && !stream.remoteEnded) {
      stream.forward(bytes, frameStart, frameEnd, endStream);
    } else {
      super.dataFor(stream, endStream, bytes, start, end, frameStart, frameEnd);
    }
  }

  protected onStrayFrame(id: number, isData: boolean): void {
    if (id > this.#highestId || id % 2 === 0) {
      throw new ConnectionError(errorCode.protocolError, "an idle stream");
    }
    // What was on its way when the stream was reset here is no mistake.
    if (isData && !this.#resetHere.has(id)) {
      this.#refuse(id, errorCode.streamClosed);
    }
  }

  override onSetting(setting: number, value: number): void {
    super.onSetting(setting, value);
    if (setting === settingId.initialWindowSize) {
      for (const node of this.#nodes) {
        node.setWindow(value);
      }
    }
  }

  override onSettings(): void {
    super.onSettings();
    this.#life.begin();
  }

  onSettingsAck(): void {
    this.#life.acknowledged();
  }

  override onPing(ack: boolean, bytes: Buffer, start: number): void {
    super.onPing(ack, bytes, start);
    if (!ack) {
      this.#life.heard();
    } else if (
      drainPing.compare(bytes, start, start + drainPing.length) === 0
    ) {
      this.#life.answered();
    }
  }

  onGoaway(_lastId: number, code: number): void {
    if (code === errorCode.noError) {
      this.drain();
    } else {
      this.closeStreams(errorCode.cancel);
      // In order: what comes behind it would make of the end a reset.
      this.#life.endSocket(brokenMs);
    }
  }

  /** A session of Node's is over. */
  forgetNode(node: NodeSession): void {
    this.#nodes.delete(node);
  }

  /** Node has ended its session with an error. */
  endBecause(code: number): void {
    this.breakOff(code);
  }

  protected breakOff(code: number, _error?: unknown): void {
    if (this.isClosed) {
      return;
    }
    this.output.goaway(this.#lastId, code);
    this.output.flush();
    this.closeStreams(errorCode.cancel);
    this.#life.endSocket(brokenMs);
  }

  #receive(chunk: Buffer): void {
    this.read(chunk);
    this.#startArrived();
  }

  #request(id: number, list: string[], endStream: boolean): void {
    const fields = readRequestFields(list);
    const server = fields && this.#host.choose(fields);
    if (server === undefined) {
      this.#forward(id, list, endStream);
      return;
    }
    const stream = server.open(this, id, this.peerInitialWindow, receiveWindow);
    this.streams.add(stream);
    this.#arrived.push(stream);
    if (endStream) {
      stream.endRemote();
    }
  }

  #forward(id: number, fields: string[], endStream: boolean): void {
    if (this.#node === undefined || this.#node.isEnding) {
      this.#node = new NodeSession(
        this,
        this.#netSocket,
        this.#host,
        this.peerInitialWindow,
      );
      this.#nodes.add(this.#node);
    }
    const stream = this.#node.open(id, fields, endStream);
    this.streams.add(stream);
    this.#watchArrival(stream, fields[fields.indexOf(":path") + 1] ?? "");
  }

  /**
   * Streams are served after all of the packet that made them has been read:
   * those that are reset in the same packet have gone by then (CVE-2023-44487).
   */
  #startArrived(): void {
    const arrived = this.#arrived;
    if (arrived.length === 0) {
      return;
    }
    this.#arrived = [];
    for (const stream of arrived) {
      if (!stream.closed) {
        this.#watchArrival(stream, stream.path);
        try {
          stream.start();
        } catch {
          stream.reset(errorCode.internalError);
        }
      }
    }
  }

  #watchArrival(stream: Stream, path: string): void {
    if (
      !stream.remoteEnded &&
      this.#host.limits.requestTimeoutMs > 0 &&
      this.#host.limitArrival(path)
    ) {
      this.#arrivals.watch(stream);
    }
  }

  #trailers(stream: Stream, fields: string[], endStream: boolean): void {
    if (stream.remoteEnded) {
      stream.reset(errorCode.streamClosed);
    } else if (this.decoder.overflowed) {
      stream.reset(errorCode.enhanceYourCalm);
    } else if (
      !endStream ||
      fields.some((f, i) => i % 2 === 0 && f[0] === ":")
    ) {
      stream.reset(errorCode.protocolError);
    } else {
      stream.onFields(fields, endStream);
      stream.endRemote();
    }
  }

  /**
   * Headers for a stream that is over. Those of one that was reset here may
   * have been on their way; no others may be (RFC 9113, 5.1).
   */
  #late(id: number): void {
    if (!this.#resetHere.has(id)) {
      throw new ConnectionError(errorCode.streamClosed, "a closed stream");
    }
    this.#refuse(id, errorCode.streamClosed);
  }

  /** Refuses a stream that is none, which counts as a reset. */
  #refuse(id: number, code: number): void {
    this.output.reset(id, code);
    this.#remember(id);
    if (!this.#resets.spend()) {
      this.breakOff(errorCode.enhanceYourCalm);
    }
  }

  #remember(id: number): void {
    this.#resetHere.add(id);
    if (this.#resetHere.size > maxRemembered) {
      for (const oldest of this.#resetHere) {
        this.#resetHere.delete(oldest);
        break;
      }
    }
  }

  #closed(): void {
    this.#arrivals.stop();
    this.closeStreams(errorCode.cancel);
    for (const node of this.#nodes) {
      node.close();
    }
  }
}

/** What the client gives back once all it sent before has arrived. */
const drainPing = Buffer.from("drained?", "latin1");
