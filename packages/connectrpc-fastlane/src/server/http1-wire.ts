import type { IncomingMessage, ServerResponse } from "node:http";
import { reasonFromError } from "./reset-reason.js";
import {
  createLeftError,
  readRest,
  type Wire,
  type WireReader,
} from "./wire.js";

/** Speaks HTTP/1.1. */
export function createHttp1Wire(
  request: IncomingMessage,
  response: ServerResponse,
): Wire {
  let reader: WireReader | undefined;
  let failWrite: ((error: unknown) => void) | undefined;
  let ended = false;
  const isGone = () =>
    response.destroyed || response.writableEnded || request.socket.destroyed;
  const give = (chunk: Uint8Array) => reader?.data(chunk);
  const stop = () => {
    reader = undefined;
    request.off("data", give);
  };
  const dropRest = () => {
    if (!ended) {
      stop();
      request.resume();
    }
  };
  const wire: Wire = {
    watcher: undefined,
    get gone() {
      return isGone();
    },
    read(by) {
      reader = by;
      request.on("data", give);
      request.on("end", () => {
        ended = true;
        reader?.end();
      });
    },
    rest() {
      stop();
      request.pause();
      return readRest(request, () => ended);
    },
    answer({ body, hasLength, header, status }) {
      response.writeHead(status, {
        ...header.toNode(),
        ...(hasLength && { "content-length": String(body?.byteLength) }),
      });
      dropRest();
      response.end(body);
    },
    begin(header) {
      response.writeHead(200, header.toNode());
    },
    write(chunk) {
      if (isGone()) {
        return Promise.reject(createLeftError());
      }
      if (response.write(chunk)) {
        return undefined;
      }
      return new Promise((resolve, reject) => {
        failWrite = reject;
        response.once("drain", resolve);
      });
    },
    end() {
      if (!isGone()) {
        dropRest();
        response.end();
      }
    },
    destroy() {
      request.socket.destroy();
    },
  };
  request.once("error", (error) => {
    wire.watcher?.leave(reasonFromError(error));
  });
  response.on("error", () => {});
  response.once("close", () => {
    failWrite?.(createLeftError());
    const { errored } = request;
    wire.watcher?.leave(errored ? reasonFromError(errored) : undefined);
  });
  return wire;
}
