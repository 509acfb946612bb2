import { Code, type ConnectError } from "@connectrpc/connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { compressEnvelope, wrapEnvelope } from "./envelope.js";
import { encodeGrpcMessage } from "./grpc-message.js";
import type { LaneCall } from "./lane-call.js";
import type { StreamProtocol, UnaryProtocol } from "./protocol.js";
import type { Wire } from "./wire.js";

/** gRPC over HTTP/2: the outcome is in the trailers. */
export const grpcUnary: UnaryProtocol = {
  succeed(call, wire, output) {
    const { compression, lane } = call;
    if (
      compression === undefined ||
      output.byteLength < lane.options.compressMinBytes
    ) {
      answer(call, wire, wrapEnvelope(0, output));
      return undefined;
    }
    return compressEnvelope(0, output, compression).then((envelope) =>
      answer(call, wire, envelope),
    );
  },
  fail(call, wire, error) {
    setStatus(call, error);
    answer(call, wire, undefined);
    return undefined;
  },
};

/** The same for streams. */
export const grpcStream: StreamProtocol = {
  hasTrailer: true,
  finish(call, error) {
    if (error !== undefined) {
      setStatus(call, error);
    }
    return undefined;
  },
};

function answer(call: LaneCall, wire: Wire, body: Uint8Array | undefined) {
  const { responseHeader, responseTrailer } = call;
  wire.answer({
    status: 200,
    header: responseHeader,
    body,
    trailer: responseTrailer,
    hasLength: false,
  });
}

function setStatus({ responseTrailer }: LaneCall, error: ConnectError): void {
  try {
    setTrailerStatus(responseTrailer, error);
    if (responseTrailer.has("grpc-message")) {
      const message = encodeGrpcMessage(error.rawMessage);
      responseTrailer.set("grpc-message", message);
    }
  } catch {
    // A message with half a surrogate pair, or details that do not fit their
    // schema. connect-es leaves its caller without an answer.
    responseTrailer.delete("grpc-message");
    responseTrailer.set("grpc-status", String(Code.Internal));
  }
}
