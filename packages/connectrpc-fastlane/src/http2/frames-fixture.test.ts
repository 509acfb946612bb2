import { frameHeaderBytes } from "./frame-format.js";

/** A frame as it was sent. */
export interface SentFrame {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
  readonly body: Buffer;
}

/** A frame as bytes; its payload in hexadecimal, or as it is. */
export function frame(
  type: number,
  flags: number,
  id: number,
  payload: string | Uint8Array = "",
): Buffer {
  const body =
    typeof payload === "string"
      ? Buffer.from(payload.replaceAll(" ", ""), "hex")
      : payload;
  const head = Buffer.alloc(frameHeaderBytes);
  head.writeUInt32BE(body.length * 0x100 + type, 0);
  head[4] = flags;
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, body]);
}

/** The frames that are whole among these bytes. */
export function splitFrames(bytes: Buffer): SentFrame[] {
  const frames: SentFrame[] = [];
  for (let at = 0; at + frameHeaderBytes <= bytes.length; ) {
    const end = at + frameHeaderBytes + bytes.readUIntBE(at, 3);
    if (end <= bytes.length) {
      frames.push({
        type: bytes.readUInt8(at + 3),
        flags: bytes.readUInt8(at + 4),
        id: bytes.readUInt32BE(at + 5),
        body: bytes.subarray(at + frameHeaderBytes, end),
      });
    }
    at = end;
  }
  return frames;
}
