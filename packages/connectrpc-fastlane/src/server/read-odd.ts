import {
  pipe,
  transformDecompressEnvelope,
  transformParseEnvelope,
  transformSplitEnvelope,
} from "@connectrpc/connect/protocol";
import { endStreamFlag } from "@connectrpc/connect/protocol-connect";
import { concatChunks } from "./chunks.js";
import type { LaneCall } from "./lane-call.js";
import type { MessageReader } from "./message-reader.js";

/**
 * Reads an enveloped request that is not a single plain message, through the
 * pipeline of connect-es.
 *
 * @param found Whether the reader has been given the first message.
 */
export async function readOdd(
  call: LaneCall,
  chunks: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
  found: boolean,
  reader: MessageReader,
): Promise<void> {
  const { codec, lane } = call;
  const { readMaxBytes } = lane.options;
  const messages = pipe(
    concatChunks(chunks, rest),
    transformSplitEnvelope(readMaxBytes),
    transformDecompressEnvelope(null, readMaxBytes),
    codec.protocol === "grpc"
      ? transformParseEnvelope(codec)
      : transformParseEnvelope(codec, endStreamFlag),
  );
  let skip = found;
  try {
    for await (const message of messages) {
      if (!skip) {
        reader.message(message);
      }
      skip = false;
      if (reader.done) {
        return;
      }
    }
  } catch (error) {
    reader.failed(error);
    return;
  }
  reader.end();
}
