import { Code } from "@connectrpc/connect";
import { ok, type StatusCode } from "./spelling.js";
import {
  codeFromErrorStatus,
  codeFromHttpStatus,
  codeFromWire,
} from "./status-code.js";

/** The flags of an envelope that ends a stream. */
const connectEndStream = 0x02;
const grpcWebTrailers = 0x80;
const compressed = 0x01;

/** What a response has told its peer about the outcome. */
export interface WireStatus {
  /** Takes the next bytes of the body. */
  read(chunk: Uint8Array): void;
  /** Whether the body has told the outcome already, before its end. */
  told(): boolean;
  /**
   * The code that the complete response tells. Where it is compressed, and so
   * not read here, what the interceptors saw is asked, which is undefined for
   * a call that never came there.
   */
  code(seen: StatusCode | undefined): StatusCode;
}

/**
 * Reads the outcome of a response as its peer does: from the HTTP status, the
 * trailer of gRPC, the last envelope of gRPC-Web and of Connect streams, or
 * the error body of a Connect unary call.
 */
export function createWireStatus(response: {
  status: number;
  header?: Headers;
  trailer?: Headers;
}): WireStatus {
  const { status, header, trailer } = response;
  const contentType = header?.get("content-type") ?? "";
  if (contentType.startsWith("application/grpc-web")) {
    return new LastEnvelope(grpcWebTrailers, readGrpcWebTrailers);
  }
  if (contentType.startsWith("application/connect+")) {
    return new LastEnvelope(connectEndStream, readConnectEnd);
  }
  if (contentType.startsWith("application/grpc") && trailer !== undefined) {
    return new GrpcTrailer(trailer);
  }
  return status === 200 ? success : new ErrorBody(status);
}

function readGrpcWebTrailers(text: string): StatusCode {
  return codeFromWire(/^grpc-status: *(\d+)/im.exec(text)?.[1]);
}

function readConnectEnd(text: string): StatusCode {
  const { error } = JSON.parse(text);
  return error === undefined ? ok : codeFromWire(readErrorCode(error));
}

function readErrorCode(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error
    ? error.code
    : undefined;
}

/** The status of gRPC, which is complete when the body has ended. */
class GrpcTrailer implements WireStatus {
  readonly #trailer: Headers;

  constructor(trailer: Headers) {
    this.#trailer = trailer;
  }

  read(): void {}

  told(): boolean {
    return false;
  }

  code(): StatusCode {
    return codeFromWire(this.#trailer.get("grpc-status"));
  }
}

/** The status of a Connect unary call that succeeds: there is none but HTTP's. */
const success: WireStatus = {
  read() {},
  told: () => false,
  code: () => ok,
};

/** The status of a Connect unary call that fails, or of HTTP without more. */
class ErrorBody implements WireStatus {
  readonly #httpStatus: number;
  readonly #body: Uint8Array[] = [];

  constructor(httpStatus: number) {
    this.#httpStatus = httpStatus;
  }

  read(chunk: Uint8Array): void {
    this.#body.push(chunk);
  }

  told(): boolean {
    return false;
  }

  code(seen: StatusCode | undefined): StatusCode {
    if (this.#body.length === 0) {
      return codeFromHttpStatus(this.#httpStatus);
    }
    try {
      const code = readErrorCode(JSON.parse(decodeText(this.#body)));
      return code === undefined
        ? codeFromHttpStatus(this.#httpStatus)
        : codeFromWire(code);
    } catch {
      // The body is compressed.
      return seen ?? codeFromErrorStatus(this.#httpStatus);
    }
  }
}

/** The status that the envelope with the given flag tells. */
class LastEnvelope implements WireStatus {
  readonly #flag: number;
  readonly #parse: (text: string) => StatusCode;
  // An envelope begins with a byte of flags and four of its length.
  #prefixBytes = 0;
  #flags = 0;
  #left = 0;
  #messages = 0;
  #last: Uint8Array[] | undefined = undefined;

  constructor(flag: number, parse: (text: string) => StatusCode) {
    this.#flag = flag;
    this.#parse = parse;
  }

  read(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#prefixBytes === 5) {
        const end = Math.min(at + this.#left, chunk.length);
        this.#last?.push(chunk.subarray(at, end));
        this.#left -= end - at;
        at = end;
      } else {
        const byte = Number(chunk[at++]);
        if (this.#prefixBytes++ === 0) {
          this.#flags = byte;
        } else {
          this.#left = this.#left * 256 + byte;
        }
        if (this.#prefixBytes === 5) {
          this.#begin();
        }
      }
      if (this.#prefixBytes === 5 && this.#left === 0) {
        this.#prefixBytes = 0;
      }
    }
  }

  #begin(): void {
    if ((this.#flags & this.#flag) === 0) {
      this.#messages++;
    } else {
      this.#last = [];
    }
  }

  told(): boolean {
    return this.#last !== undefined && this.#prefixBytes === 0;
  }

  code(seen: StatusCode | undefined): StatusCode {
    if (this.#last === undefined || (this.#flags & compressed) !== 0) {
      // Where no interceptor saw an error, the message before tells whether it
      // could be serialised.
      return seen ?? (this.#messages > 0 ? ok : Code.Internal);
    }
    try {
      return this.#parse(decodeText(this.#last));
    } catch {
      return Code.Unknown;
    }
  }
}

const decoder = new TextDecoder();

function decodeText(chunks: readonly Uint8Array[]): string {
  return chunks
    .map((chunk, i) => decoder.decode(chunk, { stream: i < chunks.length - 1 }))
    .join("");
}
