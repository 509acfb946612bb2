import type { Readable } from "node:stream";
import type { LaneHeaders } from "../headers/lane-headers.js";

/** One exchange of HTTP, whatever its version: a request and its response. */
export interface Wire {
  /** Whether nobody is there to be answered. */
  readonly gone: boolean;
  /** Who is told when the other end leaves. By default, nobody. */
  watcher: WireWatcher | undefined;
  /** Reads the body of the request. */
  read(reader: WireReader): void;
  /** Stops reading, and gives what is still to come as an iterable. */
  rest(): AsyncIterable<Uint8Array>;
  /** Sends a whole response. What is left of the request is dropped. */
  answer(response: WireResponse): void;
  /** Sends the headers of a response that is written piece by piece. */
  begin(header: LaneHeaders): void;
  /**
   * Writes a piece. The promise, where there is one, is to be waited for: it
   * rejects when the other end leaves.
   */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** Ends such a response. */
  end(trailer: LaneHeaders | undefined): void;
  /** Breaks off a response that cannot be sent. */
  destroy(): void;
}

/** Is told that the other end leaves, before or after it was answered. */
export interface WireWatcher {
  /** With the reason that connect-es gives its signals, if it gives one. */
  leave(reason: unknown): void;
}

/** Takes the body of a request. */
export interface WireReader {
  data(chunk: Uint8Array): void;
  end(): void;
}

/** A response that is sent at once. */
export interface WireResponse {
  readonly status: number;
  readonly header: LaneHeaders;
  readonly body: Uint8Array | undefined;
  /** For gRPC. */
  readonly trailer: LaneHeaders | undefined;
  /** Whether the length of the body is announced, as for Connect's unary calls. */
  readonly hasLength: boolean;
}

/** What a write is told when the other end has left, as Node has it for HTTP/2. */
export function createLeftError(): Error {
  return Object.assign(new Error("The stream has been destroyed"), {
    code: "ERR_HTTP2_INVALID_STREAM",
  });
}

/** The chunks still to come, which leaves the stream as it is when it is left. */
export async function* readRest(
  stream: Readable,
  ended: () => boolean,
): AsyncGenerator<Uint8Array> {
  if (!ended()) {
    yield* stream.iterator({ destroyOnReturn: false });
  }
}
