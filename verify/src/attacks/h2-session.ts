import type { Target } from "./attack.js";
import {
  frameTypes,
  h2Preface,
  readFrames,
  settingsAck,
  settingsFrame,
} from "./h2-frames.js";
import { hpackBlock } from "./hpack.js";
import type { RawConnection } from "./raw-connection.js";

/** Opens a connection and speaks HTTP/2 up to both ends' SETTINGS. */
export async function openH2(target: Target): Promise<RawConnection> {
  const connection = await target.connect();
  await connection.write(Buffer.concat([h2Preface, settingsFrame]));
  await connection.until(
    () => hasFrame(connection, frameTypes.settings),
    5_000,
  );
  await connection.write(settingsAck);
  return connection;
}

/** Whether a frame of this type has come back, for a stream or for any. */
export function hasFrame(
  connection: RawConnection,
  type: number,
  streamId?: number,
): boolean {
  return readFrames(connection.received()).some(
    (frame) =>
      frame.type === type &&
      (streamId === undefined || frame.streamId === streamId),
  );
}

/** The path of a unary call without side effects. */
export const unaryPath = "/revertname.v1.RevertNameService/RevertName";

/** The path of a bidirectional stream. */
export const streamPath = "/revertname.v1.RevertNameService/RevertNames";

/** The headers of a gRPC call. */
export function grpcHeaders(
  path: string,
  more: readonly (readonly [string, string])[] = [],
): Buffer {
  return hpackBlock([
    [":method", "POST"],
    [":scheme", "http"],
    [":authority", "127.0.0.1"],
    [":path", path],
    ["content-type", "application/grpc+proto"],
    ["te", "trailers"],
    ...more,
  ]);
}

/** A message in its gRPC envelope: a flag, and its length in four bytes. */
export function grpcEnvelope(
  message: Uint8Array,
  options: { readonly compressed?: boolean; readonly length?: number } = {},
): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(options.compressed ? 1 : 0, 0);
  head.writeUInt32BE(options.length ?? message.length, 1);
  return Buffer.concat([head, message]);
}

/** RevertNameRequest{name: "Rodrigo"} in its envelope. */
export const rodrigo: Buffer = grpcEnvelope(Buffer.from("\n\x07Rodrigo"));
