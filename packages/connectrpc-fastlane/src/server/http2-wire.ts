import type { LaneHeaders } from "../headers/lane-headers.js";
import { errorCode } from "../http2/frame-format.js";
import type {
  ServedStream,
  ServerConnection,
} from "../http2/server-connection.js";
import { Stream } from "../http2/stream.js";
import { reasonFromReset } from "./reset-reason.js";
import { responseBlock, trailerBlock } from "./response-block.js";
import {
  createLeftError,
  type Wire,
  type WireReader,
  type WireResponse,
  type WireWatcher,
} from "./wire.js";

/** Who runs the call that comes on a stream. */
export interface WireServer {
  run(wire: Wire): void;
}

/** Speaks on a stream of HTTP/2. */
export class Http2Wire extends Stream implements Wire, ServedStream {
  watcher: WireWatcher | undefined;
  readonly path: string;
  readonly #server: WireServer;
  #reader: WireReader | undefined;
  /** What came before somebody read. */
  #early: Buffer[] | undefined;
  /** Wakes who waits for more. */
  #wake: (() => void) | undefined;
  /** Whether the rest of the request is of no use. */
  #drops = false;
  /** Bytes of the body that are still to come, if the request has said so. */
  #missing: number | undefined;
  #write: { resolve: () => void; reject: (error: Error) => void } | undefined;

  constructor(
    connection: ServerConnection,
    id: number,
    sendWindow: number,
    receiveWindow: number,
    path: string,
    contentLength: string | undefined,
    server: WireServer,
  ) {
    super(connection, id, sendWindow, receiveWindow);
    this.#missing =
      contentLength === undefined ? undefined : Number(contentLength);
    this.path = path;
    this.#server = server;
  }

  get gone(): boolean {
    return this.closed;
  }

  start(): void {
    this.#server.run(this);
  }

  read(reader: WireReader): void {
    this.#reader = reader;
    const early = this.#early;
    if (early !== undefined) {
      while (this.#reader === reader) {
        const chunk = early.shift();
        if (chunk === undefined) {
          this.#early = undefined;
          break;
        }
        this.confirm(chunk.length);
        reader.data(chunk);
      }
    }
    if (this.remoteEnded && this.#reader === reader) {
      reader.end();
    }
  }

  rest(): AsyncIterable<Uint8Array> {
    this.#reader = undefined;
    this.#early ??= [];
    return this.#chunks();
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#early?.shift();
      if (chunk !== undefined) {
        this.confirm(chunk.length);
        yield chunk;
      } else if (this.remoteEnded) {
        return;
      } else if (this.closed) {
        throw createLeftError();
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  answer(response: WireResponse): void {
    const { body, hasLength, header, status, trailer } = response;
    const length = hasLength ? (body?.byteLength ?? 0) : undefined;
    const block = responseBlock(status, header, length);
    const last = trailer && trailerBlock(trailer);
    const hasBody = body !== undefined && body.byteLength > 0;
    this.#dropRest();
    this.sendHeaders(block, !hasBody && last === undefined);
    if (hasBody) {
      this.sendData(body, last === undefined);
    }
    if (last !== undefined) {
      this.sendTrailers(last);
    }
  }

  begin(header: LaneHeaders): void {
    this.sendHeaders(responseBlock(200, header, undefined), false);
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.closed) {
      return Promise.reject(createLeftError());
    }
    this.sendData(chunk, false);
    if (!this.isWaiting) {
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#write = { resolve, reject };
    });
  }

  end(trailer: LaneHeaders | undefined): void {
    this.#dropRest();
    if (trailer === undefined) {
      this.sendEnd();
    } else {
      this.sendTrailers(trailerBlock(trailer));
    }
  }

  destroy(): void {
    this.reset(errorCode.internalError);
  }

  onData(chunk: Buffer): void {
    if (this.#missing !== undefined) {
      this.#missing -= chunk.length;
      if (this.#missing < 0) {
        this.reset(errorCode.protocolError);
        return;
      }
    }
    if (this.#reader !== undefined) {
      this.confirm(chunk.length);
      this.#reader.data(chunk);
    } else if (this.#drops) {
      this.confirm(chunk.length);
    } else {
      this.#early ??= [];
      this.#early.push(chunk);
      this.#wake?.();
    }
  }

  /** Trailers of a request mean nothing. */
  onFields(): void {}

  onEnd(): void {
    if (this.#missing !== undefined && this.#missing > 0) {
      this.reset(errorCode.protocolError);
      return;
    }
    this.#reader?.end();
    this.#wake?.();
  }

  onClose(code: number): void {
    this.#wake?.();
    this.#write?.reject(createLeftError());
    if (!this.localEnded) {
      this.watcher?.leave(reasonFromReset(code));
    }
  }

  override onDrain(): void {
    const { resolve } = this.#write ?? {};
    this.#write = undefined;
    resolve?.();
  }

  /**
   * The response is complete without the rest of the request (RFC 9113, 8.1).
   * Else a caller that goes on sending fills its window and waits.
   */
  protected override onLocalEnd(): void {
    this.reset(errorCode.noError);
  }

  #dropRest(): void {
    if (!this.remoteEnded) {
      this.#reader = undefined;
      this.#early = undefined;
      this.#drops = true;
    }
  }
}
