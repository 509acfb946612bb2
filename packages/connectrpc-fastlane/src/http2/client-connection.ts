import type { Duplex } from "node:stream";
import { Code, ConnectError } from "@connectrpc/connect";
import { AnswerBudget } from "./answer-budget.js";
import type { ClientRequest } from "./client-request.js";
import { ClientStream } from "./client-stream.js";
import { Connection } from "./connection.js";
import { ConnectionError } from "./connection-error.js";
import {
  defaultWindowBytes,
  errorCode,
  maxStreamId,
  preface,
  settingId,
} from "./frame-format.js";
import { goawayError, isTooManyPings } from "./goaway-error.js";
import { HpackEncoder } from "./hpack-encoder.js";
import {
  KeepAlive,
  type KeepAliveSettings,
  type KeptConnection,
} from "./keep-alive.js";
import {
  type NodeOptions,
  whenConnected,
  whyNotConnected,
} from "./open-socket.js";
import { ServerGreeting } from "./server-greeting.js";
import { endSocket, refersToLoop } from "./socket-life.js";

/** Who made a connection. */
export interface ConnectionOwner {
  /**
   * The connection takes no more requests, and has no stream for these. Those
   * that are under way go on, unless it is over.
   */
  onRetired(connection: ClientConnection, left: readonly ClientRequest[]): void;
  /** The connection is over. */
  onClosed(connection: ClientConnection): void;
}

/**
 * What a server may send before it is confirmed, on a stream and on all. All
 * of it is taken at once: it waits in the message that it is a part of, which
 * `readMaxBytes` bounds.
 */
const windowBytes = 1_048_576;

/** How many streams there may be until the server has said it (RFC 9113, 6.5.2). */
const presumedMaxStreams = 100;

/** Of header fields, unless the options say otherwise: as with Node. */
const defaultMaxHeaderBytes = 65_535;

/** What the server gives back with each answer to a ping; one is under way at most. */
const pingBytes = Buffer.from("connect?", "latin1");

/**
 * A client's side of one connection. Requests that it has no stream for wait
 * in order: while it connects, while the server takes no more at once, and
 * while it finds out whether a silent server is still there.
 */
export class ClientConnection extends Connection implements KeptConnection {
  /** With what it ended, if that was an error. */
  endReason: unknown;
  readonly #owner: ConnectionOwner;
  readonly #settings: KeepAliveSettings;
  readonly #keepAlive: KeepAlive;
  readonly #encoder = new HpackEncoder();
  readonly #streamWindowBytes: number;
  readonly #waiting = new Set<ClientRequest>();
  #phase: "connecting" | "open" | "retired" = "connecting";
  /** Whether this side has sent its preface. */
  #begun = false;
  #verifying = false;
  #nextId = 1;
  readonly #answers = new AnswerBudget();
  #hasSettings = false;
  #limitsStreams = false;
  #refersToLoop = true;

  constructor(
    socket: Duplex,
    options: NodeOptions,
    settings: KeepAliveSettings,
    owner: ConnectionOwner,
  ) {
    super(socket, new ServerGreeting(), {
      maxHeaderBytes:
        options.settings?.maxHeaderListSize ?? defaultMaxHeaderBytes,
      receiveWindowBytes: windowBytes,
      writesIn: "turn",
    });
    this.#owner = owner;
    this.#settings = settings;
    this.#keepAlive = new KeepAlive(settings, this);
    this.#streamWindowBytes =
      options.settings?.initialWindowSize ?? windowBytes;
    this.peerMaxStreams =
      options.peerMaxConcurrentStreams ?? presumedMaxStreams;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", (error) => this.#lost(error));
    socket.on("end", () => {
      // A TLS handshake that was cut has destroyed it: its error follows.
      if (!socket.destroyed) {
        this.#lost(undefined);
      }
    });
    // What has waited was taken.
    socket.on("drain", () => this.#answers.reset());
    socket.on("close", () => this.#lost(undefined));
    whenConnected(socket, options, (error) => this.#connected(error));
  }

  /** Sends a request, now or as soon as there is a stream for it. */
  request(request: ClientRequest): void {
    this.#keepProcess();
    if (this.#waiting.size > 0 || !this.#hasRoom) {
      this.#waiting.add(request);
    } else if (this.#keepAlive.isStale) {
      this.#waiting.add(request);
      this.#verifying = true;
      this.#keepAlive.verify();
    } else {
      this.#open(request);
    }
  }

  /** Forgets a request that waits; false if it does not. */
  withdraw(request: ClientRequest): boolean {
    const waited = this.#waiting.delete(request);
    if (waited) {
      this.#releaseProcess();
    }
    return waited;
  }

  /** Ends all requests for this reason, and the connection. */
  abort(reason: unknown): void {
    if (this.isClosed) {
      return;
    }
    for (const stream of this.streams.list()) {
      this.output.reset(stream.id, errorCode.cancel);
    }
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.#end(reason, errorCode.cancel);
    for (const request of waiting) {
      request.onClose(errorCode.cancel, reason);
    }
    this.#sayGoodbye(errorCode.noError);
  }

  sendPing(): void {
    this.output.ping(false, pingBytes);
  }

  onVerified(): void {
    this.#verifying = false;
    this.#openWaiting();
    this.#releaseProcess();
  }

  onPingTimeout(): void {
    this.#end(
      new ConnectError("PING timed out", Code.Unavailable),
      errorCode.cancel,
    );
    this.socket.destroy();
  }

  onIdle(): void {
    this.#end(undefined, errorCode.noError);
    this.#sayGoodbye(errorCode.noError);
  }

  override forget(stream: ClientStream, code: number, byPeer: boolean): void {
    super.forget(stream, code, byPeer);
    if (this.isClosed) {
      return;
    }
    if (this.#waiting.size > 0) {
      this.#openWaiting();
    }
    if (this.streams.size === 0) {
      this.#keepAlive.quiet();
      if (this.#phase === "retired") {
        this.onIdle();
      } else {
        this.#releaseProcess();
      }
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
    if (stream === undefined) {
      this.onStrayFrame(id);
    } else if (decoder.overflowed) {
      stream.reset(errorCode.enhanceYourCalm);
    } else if (stream.remoteEnded) {
      stream.reset(errorCode.streamClosed);
    } else {
      stream.onFields(fields, endStream);
      if (endStream && !stream.closed) {
        stream.endRemote();
      }
    }
  }

  override onSetting(setting: number, value: number): void {
    super.onSetting(setting, value);
    if (setting === settingId.headerTableSize) {
      this.#encoder.setPeerTableSize(value);
    } else if (setting === settingId.maxConcurrentStreams) {
      this.#limitsStreams = true;
    } else if (setting === settingId.enablePush && value !== 0) {
      throw new ConnectionError(errorCode.protocolError, "enable push");
    }
  }

  override onSettings(): void {
    super.onSettings();
    this.#answers.spend(!this.output.isFull);
    if (!this.#hasSettings) {
      this.#hasSettings = true;
      if (!this.#limitsStreams) {
        this.peerMaxStreams = Number.POSITIVE_INFINITY;
      }
    }
    this.#openWaiting();
  }

  onSettingsAck(): void {}

  override onPing(ack: boolean, bytes: Buffer, start: number): void {
    super.onPing(ack, bytes, start);
    if (!ack) {
      this.#answers.spend(!this.output.isFull);
    } else if (
      pingBytes.compare(bytes, start, start + pingBytes.length) === 0
    ) {
      this.#keepAlive.answered();
    }
  }

  onGoaway(lastId: number, code: number, debug: Buffer): void {
    if (code === errorCode.noError) {
      this.#retire();
      for (const stream of this.streams.list()) {
        if (stream.id > lastId) {
          stream.close(errorCode.refusedStream);
        }
      }
      if (this.streams.size === 0 && !this.isClosed) {
        this.onIdle();
      }
      return;
    }
    if (isTooManyPings(code, debug)) {
      this.#settings.pingIntervalMs *= 2;
    }
    this.#end(goawayError(code, debug), errorCode.cancel);
    this.#sayGoodbye(errorCode.noError);
  }

  protected onStrayFrame(id: number): void {
    if (id % 2 === 0 || id >= this.#nextId) {
      throw new ConnectionError(errorCode.protocolError, "an idle stream");
    }
  }

  protected breakOff(code: number, error: unknown): void {
    const { message } = error instanceof Error ? error : { message: "" };
    this.#end(
      new ConnectError(
        `http/2 protocol error: ${message}`,
        Code.Internal,
        undefined,
        undefined,
        error,
      ),
      errorCode.cancel,
    );
    this.#sayGoodbye(code);
  }

  /** Whether a request can have a stream now. */
  get #hasRoom(): boolean {
    return (
      this.#phase === "open" &&
      !this.#verifying &&
      this.streams.size < this.peerMaxStreams
    );
  }

  #connected(error: ConnectError | undefined): void {
    if (this.isClosed) {
      return;
    }
    const { output, socket } = this;
    if (error !== undefined || socket.destroyed) {
      // Not at once: one that was destroyed before may be given by the options.
      process.nextTick(() => this.#lost(error));
      return;
    }
    if ("setNoDelay" in socket && typeof socket.setNoDelay === "function") {
      socket.setNoDelay(true);
    }
    this.#phase = "open";
    this.#begun = true;
    output.raw(preface);
    output.settings([
      [settingId.enablePush, 0],
      [settingId.initialWindowSize, this.#streamWindowBytes],
      [settingId.maxHeaderListSize, this.maxHeaderBytes],
    ]);
    output.windowUpdate(0, windowBytes - defaultWindowBytes);
    this.#keepAlive.start();
    this.#openWaiting();
    this.#releaseProcess();
  }

  #receive(chunk: Buffer): void {
    this.#keepAlive.alive();
    this.read(chunk);
  }

  #open(request: ClientRequest): void {
    const id = this.#nextId;
    this.#nextId += 2;
    const stream = new ClientStream(
      this,
      id,
      this.peerInitialWindow,
      this.#streamWindowBytes,
      request,
    );
    this.streams.add(stream);
    if (this.streams.size === 1) {
      this.#keepAlive.busy();
    }
    const { body } = request;
    request.onOpen(stream);
    stream.sendFields(request.fields, body === undefined, this.#encoder);
    if (body !== undefined) {
      stream.sendData(body, true);
    }
    if (this.#nextId > maxStreamId) {
      this.#retire();
    }
  }

  #openWaiting(): void {
    for (const request of this.#waiting) {
      if (!this.#hasRoom) {
        return;
      }
      this.#waiting.delete(request);
      this.#open(request);
    }
  }

  /** Takes no more requests. */
  #retire(): void {
    if (this.#phase !== "retired") {
      this.#phase = "retired";
      const left = [...this.#waiting];
      this.#waiting.clear();
      this.#owner.onRetired(this, left);
    }
  }

  /**
   * The socket has failed, or was closed by the server. Who waits for a stream
   * gets one elsewhere, unless there was no connection at all.
   */
  #lost(error: unknown): void {
    if (this.isClosed) {
      return;
    }
    if (this.#phase === "connecting") {
      const reason = whyNotConnected(error);
      const waiting = [...this.#waiting];
      this.#waiting.clear();
      this.#end(reason, errorCode.cancel);
      for (const request of waiting) {
        request.onClose(errorCode.cancel, reason);
      }
    } else {
      this.#end(error, errorCode.cancel);
    }
    this.socket.destroy();
  }

  #end(reason: unknown, code: number): void {
    if (this.isClosed) {
      return;
    }
    this.endReason = reason;
    this.#keepAlive.stop();
    this.closeStreams(code);
    this.#retire();
    this.#owner.onClosed(this);
  }

  /** Ends this side; the server has a while for its own. */
  #sayGoodbye(code: number): void {
    const { output, socket } = this;
    if (socket.destroyed) {
      return;
    }
    if (this.#begun) {
      output.goaway(0, code);
    }
    output.flush();
    endSocket(socket);
  }

  /** Requests keep the process alive, an idle connection does not. */
  #keepProcess(): void {
    if (!this.#refersToLoop) {
      this.#refersToLoop = true;
      refersToLoop(this.socket, true);
    }
  }

  #releaseProcess(): void {
    if (this.streams.size === 0 && this.#waiting.size === 0) {
      this.#refersToLoop = false;
      refersToLoop(this.socket, false);
    }
  }
}
