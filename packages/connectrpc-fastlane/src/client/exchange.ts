import {
  type ClientHttp2Stream,
  constants,
  type Http2Session,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from "node:http2";
import type { Http2SessionManager } from "@connectrpc/connect-node";
import {
  errorFromNode,
  errorFromReset,
  isWriteAfterEnd,
} from "./node-error.js";
import type { Endable, Lifetime } from "./unary-call.js";

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = constants;

/** What the lane needs of connect-node's session manager. */
export type SessionManager = Pick<
  Http2SessionManager,
  "authority" | "request" | "notifyResponseByteRead"
>;

/** Response headers as Node gives them. */
export type ResponseFields = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** A request as it goes out. */
export interface ExchangeRequest {
  /** `POST` or `GET`. */
  readonly method: string;
  readonly path: string;
  readonly fields: OutgoingHttpHeaders;
  /** Absent for a GET. */
  readonly body: Uint8Array | undefined;
}

/** Makes a response of what arrives, in this order. What it throws ends the exchange. */
export interface ResponseReader<T> {
  headers(fields: ResponseFields): void;
  /** A promise if this takes time; the end comes without waiting for it. */
  data(chunk: Uint8Array): Promise<void> | undefined;
  /** The response is complete. `trailers` are undefined if there were none. */
  end(trailers: IncomingHttpHeaders | undefined): T | Promise<T>;
}

/**
 * One request and its response on a stream of its own. It ends by the
 * response, by an error, or with its call; what is given up is reset with
 * CANCEL, as gRPC asks for.
 */
export class Exchange<T> implements Endable {
  readonly response: Promise<T>;
  readonly #reader: ResponseReader<T>;
  readonly #lifetime: Lifetime;
  #resolve: (value: T | Promise<T>) => void = unset;
  #reject: (reason: unknown) => void = unset;
  #stream: ClientHttp2Stream | undefined;
  #settled = false;
  #trailers: IncomingHttpHeaders | undefined;

  constructor(reader: ResponseReader<T>, lifetime: Lifetime) {
    this.#reader = reader;
    this.#lifetime = lifetime;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    lifetime.attach(this);
  }

  /** Sends the request, unless the exchange is over already. */
  start(manager: SessionManager, request: ExchangeRequest): void {
    if (this.#settled) {
      return;
    }
    const { method, path, fields, body } = request;
    manager.request(method, path, fields, {}).then(
      (stream) => this.#open(manager, stream, body),
      (reason) => this.fail(errorFromNode(reason)),
    );
  }

  /** Gives the exchange up, for a reason of this side. */
  abort(reason: unknown): void {
    this.fail(errorFromNode(reason));
  }

  /** Ends the exchange with an error, unless it is over. */
  fail(error: unknown): void {
    if (this.#settled) {
      return;
    }
    this.#settled = true;
    this.#lifetime.detach(this);
    if (this.#stream !== undefined) {
      cancelSoon(this.#stream);
    }
    this.#reject(error);
  }

  #open(
    manager: SessionManager,
    stream: ClientHttp2Stream,
    body: Uint8Array | undefined,
  ): void {
    this.#stream = stream;
    keepErrorsInside(stream.session);
    stream.on("error", (reason) => {
      if (!(stream.writableEnded && isWriteAfterEnd(reason))) {
        this.fail(errorFromNode(reason));
      }
    });
    if (this.#settled) {
      cancelSoon(stream);
      return;
    }
    stream.on("response", (fields) => this.#headers(fields));
    let begun = false;
    stream.on("data", (chunk: Uint8Array) => {
      // The manager itself looks at the headers, with which the first comes.
      if (begun) {
        manager.notifyResponseByteRead(stream);
      }
      begun = true;
      this.#data(chunk);
    });
    stream.on("trailers", (fields) => {
      this.#trailers = fields;
    });
    stream.on("end", () => this.#end(stream));
    stream.on("close", () => this.#closed(stream.rstCode));
    if (body !== undefined) {
      stream.end(body);
    }
  }

  #headers(fields: ResponseFields): void {
    if (this.#settled) {
      return;
    }
    try {
      this.#reader.headers(fields);
    } catch (error) {
      this.fail(error);
    }
  }

  #data(chunk: Uint8Array): void {
    if (this.#settled) {
      return;
    }
    try {
      this.#reader.data(chunk)?.catch((error) => this.fail(error));
    } catch (error) {
      this.fail(error);
    }
  }

  /** The stream is no more; too early, unless the exchange is over. */
  #closed(resetCode: number): void {
    if (this.#settled) {
      return;
    }
    if (resetCode === NGHTTP2_CANCEL) {
      this.#lifetime.expireIfDue();
    }
    this.fail(errorFromReset(resetCode));
  }

  #end(stream: ClientHttp2Stream): void {
    if (this.#settled) {
      return;
    }
    // A reset with CANCEL ends the readable side as the end of a response does.
    if (this.#trailers === undefined && stream.rstCode !== NGHTTP2_NO_ERROR) {
      this.#closed(stream.rstCode);
      return;
    }
    let response: T | Promise<T>;
    try {
      response = this.#reader.end(this.#trailers);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#settled = true;
    this.#lifetime.detach(this);
    this.#resolve(response);
    if (stream.writableLength > 0) {
      // The server has answered without waiting for the request.
      cancelSoon(stream);
    }
  }
}

const known = new WeakSet<object>();

/**
 * Without this, a session that is aborted right after a GOAWAY ends the
 * process: the manager takes its listeners away, and then the error comes.
 * Calls, and the manager, learn of errors by themselves.
 */
function keepErrorsInside(session: Http2Session | undefined): void {
  if (session !== undefined && !known.has(session)) {
    known.add(session);
    session.on("error", unset);
  }
}

/** Resets a stream, but not while Node is reading frames: this may be called from there. */
function cancelSoon(stream: ClientHttp2Stream): void {
  setImmediate(() => stream.close(NGHTTP2_CANCEL));
}

function unset(): void {}
