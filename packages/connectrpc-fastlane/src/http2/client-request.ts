import type { ClientStream } from "./client-stream.js";

/**
 * A request that is to be sent as soon as there is a stream for it. It is told
 * of its response, by `onEnd` or `onClose` at the end.
 */
export interface ClientRequest {
  /** Names, each followed by its value, pseudo-headers first. */
  readonly fields: readonly string[];
  /** Undefined if there is none. */
  readonly body: Uint8Array | undefined;
  /** It has a stream, and is being sent. */
  onOpen(stream: ClientStream): void;
  /** The headers of the response, `:status` first. */
  onHeaders(fields: readonly string[]): void;
  /** A part of the body, a view on memory that others share. */
  onData(chunk: Uint8Array): void;
  /** The response is complete. */
  onEnd(trailers: readonly string[] | undefined): void;
  /**
   * There is no response, or no end of it: because of `reason`, with which the
   * connection ended, or by a reset with this code.
   */
  onClose(code: number, reason: unknown): void;
}
