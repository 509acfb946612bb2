import type { ClientConnections } from "../http2/client-connections.js";
import type { ClientRequest } from "../http2/client-request.js";
import type { ClientStream } from "../http2/client-stream.js";
import { errorCode } from "../http2/frame-format.js";
import { errorFromNode, errorFromReset } from "./node-error.js";
import type { Endable, Lifetime, UnaryCall } from "./unary-call.js";

/** A request as it goes out. */
export interface ExchangeRequest {
  /** Names, each followed by its value, pseudo-headers first. */
  readonly fields: readonly string[];
  /** Absent for a GET. */
  readonly body: Uint8Array | undefined;
}

/** Makes a response of what arrives, in this order. What it throws ends the exchange. */
export interface ResponseReader<T> {
  /** Names, each followed by its value, `:status` first. */
  headers(fields: readonly string[]): void;
  /** A promise if this takes time; the end comes without waiting for it. */
  data(chunk: Uint8Array): Promise<void> | undefined;
  /** The response is complete. `trailers` are undefined if there were none. */
  end(trailers: readonly string[] | undefined): T | Promise<T>;
}

/**
 * One request and its response on a stream of its own. It ends by the
 * response, by an error, or with its call; what is given up is reset with
 * CANCEL, as gRPC asks for.
 */
export class Exchange<T> implements Endable, ClientRequest {
  readonly response: Promise<T>;
  fields: readonly string[] = [];
  body: Uint8Array | undefined;
  readonly #connections: ClientConnections;
  readonly #reader: ResponseReader<T>;
  readonly #lifetime: Lifetime;
  readonly #call: UnaryCall | undefined;
  #resolve: (value: T | Promise<T>) => void = unset;
  #reject: (reason: unknown) => void = unset;
  #stream: ClientStream | undefined;
  #settled = false;
  /** What is being decompressed. */
  #work: Promise<void> | undefined;

  /** If there is a call, it ends with this exchange. */
  constructor(
    connections: ClientConnections,
    reader: ResponseReader<T>,
    lifetime: Lifetime,
    call: UnaryCall | undefined,
  ) {
    this.#connections = connections;
    this.#reader = reader;
    this.#lifetime = lifetime;
    this.#call = call;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    lifetime.attach(this);
  }

  /** Sends the request, unless the exchange is over already. */
  start({ fields, body }: ExchangeRequest): void {
    if (this.#settled) {
      return;
    }
    this.fields = fields;
    this.body = body;
    this.#connections.request(this);
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
      this.#stream.reset(errorCode.cancel);
    } else {
      this.#connections.withdraw(this);
    }
    this.#reject(this.#call === undefined ? error : this.#call.fail(error));
  }

  onOpen(stream: ClientStream): void {
    this.#stream = stream;
  }

  onHeaders(fields: readonly string[]): void {
    if (this.#settled) {
      return;
    }
    try {
      this.#reader.headers(fields);
    } catch (error) {
      this.fail(error);
    }
  }

  onData(chunk: Uint8Array): void {
    if (this.#settled) {
      return;
    }
    try {
      const work = this.#reader.data(chunk);
      if (work !== undefined) {
        this.#work = work;
        work.catch((error) => this.fail(error));
      }
    } catch (error) {
      this.fail(error);
    }
  }

  onEnd(trailers: readonly string[] | undefined): void {
    if (this.#settled) {
      return;
    }
    let response: T | Promise<T>;
    try {
      response = this.#reader.end(trailers);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#settled = true;
    this.#lifetime.detach(this);
    if (this.#call !== undefined) {
      if (response instanceof Promise) {
        response = endAfter(this.#call, response);
      } else {
        this.#call.succeed();
      }
    }
    this.#resolve(response);
  }

  /** What was wrong with a message before counts more. */
  onClose(code: number, reason: unknown): void {
    if (this.#settled) {
      return;
    }
    if (this.#work !== undefined) {
      const close = () => this.onClose(code, reason);
      this.#work.then(close, close);
      this.#work = undefined;
      return;
    }
    if (reason !== undefined) {
      this.fail(errorFromNode(reason));
      return;
    }
    if (code === errorCode.cancel) {
      this.#lifetime.expireIfDue();
    }
    this.fail(errorFromReset(code));
  }
}

/** Ends a call when its response is there. */
export function endAfter<T>(call: UnaryCall, response: Promise<T>): Promise<T> {
  return response.then(
    (res) => {
      call.succeed();
      return res;
    },
    (reason) => {
      throw call.fail(reason);
    },
  );
}

function unset(): void {}
