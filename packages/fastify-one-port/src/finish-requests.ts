import type { IncomingMessage, Server, ServerResponse } from "node:http";
import {
  constants,
  type Http2SecureServer,
  type Http2Server,
  Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Stream,
} from "node:http2";
import { answerMs } from "./limits.js";

/** How long it takes until it is looked again whether a response has ended, at first and at most. */
const firstLookMs = 1;
const lastLookMs = 500;

/** Limits of {@link finishRequests}. */
export interface FinishRequestsOptions {
  /**
   * How much of what is left of an HTTP/1.1 request is read, to keep its
   * connection; more, and the connection is cut. By default, 1 MiB.
   */
  discardBytes?: number;
  /**
   * For how long it is read, in milliseconds, where the connection ends with
   * the answer. By default, 2,000.
   */
  discardMs?: number;
}

/**
 * Ends requests that were answered before they were read to their end, as a
 * message over the limit is. connect-es leaves the rest of such a body where
 * it is, with the stream paused: a client that goes on sending fills the flow
 * control window and waits for ever, and on HTTP/1.1 the connection never
 * takes its next request.
 *
 * On HTTP/2 the stream is reset with NO_ERROR once the response is complete
 * (RFC 9113, 8.1); on HTTP/1.1 the rest is read and dropped, for as long as
 * the server's `requestTimeout` allows (RFC 9112, 9.3), also where the
 * connection ends with the answer: closed with bytes unread, it would be reset,
 * which can take the answer from the client (RFC 9112, 9.6).
 */
export function finishRequests(
  server: Server | Http2Server | Http2SecureServer,
  options: FinishRequestsOptions = {},
): void {
  const { discardBytes = 2 ** 20, discardMs = answerMs } = options;
  // The first, since handlers begin to read at once.
  server.prependListener(
    "request",
    (
      request: IncomingMessage | Http2ServerRequest,
      response: ServerResponse | Http2ServerResponse,
    ) => {
      if (request instanceof Http2ServerRequest) {
        finishHttp2(request);
      } else {
        finishHttp1(request, response, { discardBytes, discardMs });
      }
    },
  );
}

function finishHttp2({ stream }: Http2ServerRequest): void {
  // All data has been sent by then.
  stream.once("wantTrailers", () => {
    if (!stream.readableEnded) {
      // Trailers go in an immediate that Node's own listener has asked for before.
      setImmediate(resetOnceEnded, stream, firstLookMs);
    }
  });
}

/**
 * Resets a stream when the end of its response has gone out. It has not while
 * the socket is still busy with an earlier write, and HTTP/2 sends a reset
 * ahead of what waits: the client would see a response without an end.
 */
function resetOnceEnded(stream: ServerHttp2Stream, lookAgainMs: number): void {
  if (stream.destroyed || stream.state.remoteClose !== 0) {
    return;
  }
  if (stream.state.localClose !== 0) {
    stream.close(constants.NGHTTP2_NO_ERROR);
    return;
  }
  // Node tells nobody that a stream has ended. The wait ends with the stream,
  // which ends at the latest with its connection.
  const nextMs = Math.min(lastLookMs, 2 * lookAgainMs);
  setTimeout(resetOnceEnded, lookAgainMs, stream, nextMs).unref();
}

function finishHttp1(
  request: IncomingMessage,
  response: ServerResponse | Http2ServerResponse,
  { discardBytes, discardMs }: Required<FinishRequestsOptions>,
): void {
  // Else a reader that leaves early destroys the request, which parts it from
  // its connection with the bytes unread.
  request[Symbol.asyncIterator] = () =>
    request.iterator({ destroyOnReturn: false });
  // Before Node's own listener, which ends the connection after a last answer.
  response.prependOnceListener("finish", () => {
    if (request.complete || request.destroyed) {
      return;
    }
    const { socket } = request;
    socket.destroySoon = () => {
      socket.end();
      const timer = setTimeout(() => socket.destroy(), discardMs);
      socket.once("close", () => clearTimeout(timer));
    };
    let left = discardBytes;
    request.on("data", (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) {
        socket.destroy();
      }
    });
    request.resume();
  });
}
