import type { Message } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import type { LaneCall } from "./lane-call.js";
import type { MessageReader } from "./message-reader.js";
import type { Wire } from "./wire.js";

/** Reads the request of a Connect GET, which is in the query. */
export function readQuery(
  call: LaneCall,
  _wire: Wire,
  reader: MessageReader,
): void {
  let message: Message;
  try {
    const { searchParams } = new URL(call.url);
    const text = searchParams.get("message") ?? "";
    message = call.codec.parse(
      searchParams.get("base64") === "1"
        ? base64Decode(text)
        : new TextEncoder().encode(text),
    );
  } catch (error) {
    reader.failed(error);
    return;
  }
  reader.message(message);
  reader.end();
}
