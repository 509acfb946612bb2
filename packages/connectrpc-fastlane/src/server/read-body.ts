import type { Message } from "@bufbuild/protobuf";
import { readAllBytes } from "@connectrpc/connect/protocol";
import { concatChunks, joinChunks } from "./chunks.js";
import type { LaneCall } from "./lane-call.js";
import type { MessageReader } from "./message-reader.js";
import type { Wire } from "./wire.js";

/**
 * Reads the request of a Connect unary call, which is the body and nothing
 * else. A body that is too large, or not as long as was said, is refused in
 * the words of connect-es.
 */
export function readBody(
  call: LaneCall,
  wire: Wire,
  reader: MessageReader,
): void {
  const { readMaxBytes } = call.lane.options;
  const said = call.header.get("content-length");
  const chunks: Uint8Array[] = [];
  let total = 0;
  const parse = (bytes: Uint8Array) => {
    let message: Message;
    try {
      message = call.codec.parse(bytes);
    } catch (error) {
      reader.failed(error);
      return;
    }
    reader.message(message);
    reader.end();
  };
  const giveUp = () => {
    const all = concatChunks(chunks, wire.rest());
    readAllBytes(all, readMaxBytes, said).then(parse, (error) =>
      reader.failed(error),
    );
  };
  if (said !== null && Number(said) > readMaxBytes) {
    giveUp();
    return;
  }
  wire.read({
    data(chunk) {
      chunks.push(chunk);
      total += chunk.byteLength;
      if (total > readMaxBytes || (said !== null && total > Number(said))) {
        giveUp();
      }
    },
    end() {
      if (said !== null && total !== Number(said)) {
        giveUp();
      } else {
        parse(joinChunks(chunks, 0, total));
      }
    },
  });
}
