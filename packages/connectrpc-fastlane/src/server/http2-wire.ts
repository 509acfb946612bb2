import { constants, type ServerHttp2Stream } from "node:http2";
import { LaneHeaders } from "./lane-headers.js";
import { reasonFromReset } from "./reset-reason.js";
import {
  createLeftError,
  readRest,
  type Wire,
  type WireReader,
  type WireResponse,
  type WireWatcher,
} from "./wire.js";

const key = Symbol("fastlane");

/** A stream with its wire. The listeners are the same for all streams. */
interface LaneStream extends ServerHttp2Stream {
  [key]: Http2Wire;
}

const noFields = new LaneHeaders({});

/** Speaks on a stream of HTTP/2. */
export class Http2Wire implements Wire {
  readonly #stream: LaneStream;
  watcher: WireWatcher | undefined;
  #reader: WireReader | undefined;
  #trailer: LaneHeaders = noFields;
  #requestEnded: boolean;
  #failWrite: ((error: unknown) => void) | undefined;

  constructor(stream: ServerHttp2Stream) {
    // It has a wire from the next line on.
    this.#stream = stream as LaneStream;
    this.#stream[key] = this;
    this.#requestEnded = stream.endAfterHeaders;
    stream.on("error", ignore);
    stream.on("close", onClose);
  }

  get gone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  read(reader: WireReader): void {
    this.#reader = reader;
    this.#stream.on("data", onData);
    this.#stream.on("end", onEnd);
  }

  rest(): AsyncIterable<Uint8Array> {
    this.#stream.off("data", onData);
    this.#reader = undefined;
    this.#stream.pause();
    return readRest(this.#stream, () => this.#requestEnded);
  }

  answer(response: WireResponse): void {
    const { body, hasLength, header, status, trailer } = response;
    const fields = header.toNode(true);
    this.#respond(
      status === 200 && !hasLength
        ? fields
        : {
            ...fields,
            ":status": status,
            ...(hasLength && { "content-length": String(body?.byteLength) }),
          },
      trailer,
    );
    this.#finish(body);
  }

  begin(header: LaneHeaders, hasTrailer: boolean): void {
    this.#respond(header.toNode(true), hasTrailer ? noFields : undefined);
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.gone) {
      return Promise.reject(createLeftError());
    }
    if (this.#stream.write(chunk)) {
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#failWrite = reject;
      this.#stream.once("drain", resolve);
    });
  }

  end(trailer: LaneHeaders | undefined): void {
    if (!this.gone) {
      this.#trailer = trailer ?? noFields;
      this.#finish(undefined);
    }
  }

  destroy(): void {
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  #respond(
    fields: ReturnType<LaneHeaders["toNode"]>,
    trailer: LaneHeaders | undefined,
  ): void {
    this.#trailer = trailer ?? noFields;
    // The event for trailers tells, too, when all data is on its way.
    const waitForTrailers = trailer !== undefined || !this.#requestEnded;
    if (waitForTrailers) {
      this.#stream.on("wantTrailers", onWantTrailers);
    }
    this.#stream.respond(fields, { waitForTrailers });
  }

  #finish(body: Uint8Array | undefined): void {
    if (!this.#requestEnded) {
      this.#stream.off("data", onData);
      this.#stream.resume();
    }
    this.#stream.end(body);
  }

  onData(chunk: Uint8Array): void {
    this.#reader?.data(chunk);
  }

  onEnd(): void {
    this.#requestEnded = true;
    this.#reader?.end();
  }

  onWantTrailers(): void {
    const stream = this.#stream;
    stream.sendTrailers(this.#trailer.toNode(true));
    if (!this.#requestEnded) {
      // The response is complete without the rest of the request (RFC 9113,
      // 8.1). Else a caller that goes on sending fills its window and waits.
      setImmediate(() => {
        if (!stream.destroyed && stream.state.remoteClose === 0) {
          stream.close(constants.NGHTTP2_NO_ERROR);
        }
      });
    }
  }

  onClose(): void {
    this.#failWrite?.(createLeftError());
    this.watcher?.leave(reasonFromReset(this.#stream.rstCode));
  }
}

/** Errors of a stream say that it was reset; its `close` says so too. */
function ignore(): void {}

function onData(this: LaneStream, chunk: Uint8Array): void {
  this[key].onData(chunk);
}

function onEnd(this: LaneStream): void {
  this[key].onEnd();
}

function onWantTrailers(this: LaneStream): void {
  this[key].onWantTrailers();
}

function onClose(this: LaneStream): void {
  this[key].onClose();
}
