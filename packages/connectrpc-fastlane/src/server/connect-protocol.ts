import { ConnectError } from "@connectrpc/connect";
import { mergeNonProtocolHeaders } from "@connectrpc/connect/protocol";
import {
  codeToHttpStatus,
  endStreamToJson,
  errorToJsonBytes,
} from "@connectrpc/connect/protocol-connect";
import type { LaneCall } from "./lane-call.js";
import type { StreamProtocol, UnaryProtocol } from "./protocol.js";
import type { Wire } from "./wire.js";

/** Connect's unary calls: the outcome is in status and body. */
export const connectUnary: UnaryProtocol = {
  succeed: (call, wire, output) => answer(call, wire, 200, output),
  fail(call, wire, error) {
    const { responseHeader } = call;
    responseHeader.set("content-type", "application/json");
    if (!error.isWireError) {
      mergeNonProtocolHeaders(responseHeader, error.metadata);
    }
    const status = codeToHttpStatus(error.code);
    return answer(call, wire, status, errorBytes(call, error));
  },
};

/** Connect's streams: the outcome is in the last envelope. */
export const connectStream: StreamProtocol = {
  hasTrailer: false,
  finish(call, error) {
    const { lane, responseTrailer } = call;
    let end: unknown;
    try {
      end = endStreamToJson(responseTrailer, error, lane.options.jsonOptions);
    } catch {
      end = { error: { code: "internal" } };
    }
    return Buffer.from(JSON.stringify(end));
  },
};

function answer(
  call: LaneCall,
  wire: Wire,
  status: number,
  body: Uint8Array,
): Promise<void> | undefined {
  const { compression, lane, responseHeader } = call;
  if (
    compression === undefined ||
    body.byteLength < lane.options.compressMinBytes
  ) {
    send(call, wire, status, body);
    return undefined;
  }
  return compression.compress(body).then((compressed) => {
    responseHeader.set("content-encoding", compression.name);
    send(call, wire, status, compressed);
  });
}

function send(
  { responseHeader, responseTrailer }: LaneCall,
  wire: Wire,
  status: number,
  body: Uint8Array,
): void {
  if (!responseTrailer.untouched) {
    muxTrailer(responseHeader, responseTrailer);
  }
  wire.answer({
    status,
    header: responseHeader,
    body,
    trailer: undefined,
    hasLength: true,
  });
}

/** Trailers of a unary call are headers (https://connectrpc.com/docs/protocol). */
function muxTrailer(header: Headers, trailer: Headers): void {
  trailer.forEach((value, name) => {
    header.append(`trailer-${name}`, value);
  });
}

function errorBytes(call: LaneCall, error: ConnectError): Uint8Array {
  const { jsonOptions } = call.lane.options;
  try {
    return errorToJsonBytes(error, jsonOptions);
  } catch {
    // Details that do not fit their schema. connect-es leaves its caller
    // without an answer.
    return errorToJsonBytes(
      new ConnectError(error.rawMessage, error.code),
      jsonOptions,
    );
  }
}
